"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

from app.foundation.running import collecting

# isort: split
import ctypes
import resource
import sys

from app.config import SettingUnfit
from app.factory import create_app
from app.foundation.logs import set_up
from app.foundation.running.health import refuse_powerful_role
from app.foundation.running.memory import tell_memory

MMAP_THRESHOLD = -3  # mallopt(3)
FILES = 4096  # each connection is one, and the usual 1,024 are too few
allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
if allowed < FILES:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES if most == resource.RLIM_INFINITY else min(FILES, most), most))
try:
    app = create_app()
    set_up(app.extensions["quantong"].settings.log_level, app.extensions["quantong"].settings.log_format)
    with app.app_context():
        refuse_powerful_role()
except SettingUnfit as error:
    sys.exit(f"Error: {error}")
libc = ctypes.CDLL(None)
if hasattr(libc, "mallopt"):
    libc.mallopt(MMAP_THRESHOLD, 1 << 20)  # glibc would keep big bodies' memory, for each thread its own
tell_memory(app.extensions["quantong"].settings.prometheus_multiproc_dir)
collecting.resume()
sys.setswitchinterval(0.001)  # who has an answer of the database holds locks there: don't wait 5 ms for the interpreter
