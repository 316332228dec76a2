"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

import gc

from app.factory import create_app

app = create_app()
gc.collect()
gc.freeze()  # what the application is made of lives as long as the process: don't search it for garbage
gc.set_threshold(20_000, 20, 50)
