"""The folder of this checkout, in which set-up installs and the local stack keeps its files."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
