"""ExifTool, as set-up installs it from npm: a reader of metadata that shares no code with this project."""

import os

import pytest

from imagectl.repository import REPOSITORY

_PROGRAM = REPOSITORY / "node_modules" / "exiftool-vendored.pl" / "bin" / "exiftool"

EXIFTOOL = ["perl", str(_PROGRAM)]
"""The command, without arguments."""

needs_exiftool = pytest.mark.skipif(os.name == "nt", reason="ExifTool's npm package is not for Windows")
