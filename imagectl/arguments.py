"""Types of command-line arguments that more than one verb takes."""

import argparse


def positive(text: str) -> int:
    """A positive whole number."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a positive whole number, found {text!r}")
    return int(text)
