"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

import gc
import sys

from app.factory import create_app
from app.foundation.logs import set_up

app = create_app()
set_up(app.extensions["quantong"].settings.log_level, app.extensions["quantong"].settings.log_format)
gc.collect()
gc.freeze()  # what the application is made of lives as long as the process: don't search it for garbage
gc.set_threshold(20_000, 20, 50)
sys.setswitchinterval(0.001)  # who has an answer of the database holds locks there: don't wait 5 ms for the interpreter
