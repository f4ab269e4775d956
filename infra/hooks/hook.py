"""Run a hook of `imagectl.deployment`, in the virtual environment that azd creates from requirements.txt."""

import importlib
import sys
from pathlib import Path

_OLDEST = (3, 11)


def run(name: str) -> None:
    if sys.version_info < _OLDEST:
        sys.exit(
            f"expected Python 3.11 or later as python3, found {sys.version.split()[0]}; put a newer one on the PATH"
        )
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(importlib.import_module("imagectl.deployment.hooks").run(name))
