"""Where this checkout is: what set-up installs and the local stack keeps is found from here."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
