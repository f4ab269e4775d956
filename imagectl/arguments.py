"""Types of command-line arguments that more than one verb takes."""

import argparse

_LAST_PORT = 65535


def port_number(text: str) -> int:
    """A port that can be asked for: 1 to 65535."""
    if not text.isdecimal() or not 0 < int(text) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to {_LAST_PORT}, found {text!r}")
    return int(text)


def positive(text: str) -> int:
    """A positive whole number."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a positive whole number, found {text!r}")
    return int(text)
