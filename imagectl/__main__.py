"""``python -m imagectl``."""

import sys

try:
    # This import takes longer than all of Python's start before it, so Ctrl-C most likely arrives here.
    import signal
except KeyboardInterrupt:
    sys.exit(130)

if sys.version_info < (3, 11):  # noqa: UP036  # checked before imports that an older Python refuses
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"expected Python 3.11 or later, found {found}; install it, then: make PYTHON=python3.11")

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until main can say that it was interrupted, Ctrl-C ends the process: an import would print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from imagectl.cli import main

sys.exit(main())
