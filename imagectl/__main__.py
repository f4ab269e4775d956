"""``python -m imagectl``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # checked before imports that an older Python refuses
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"expected Python 3.11 or later, found {found}; install it, then: make PYTHON=python3.11")

from imagectl.cli import main

sys.exit(main())
