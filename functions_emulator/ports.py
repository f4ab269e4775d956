"""Port numbers on a command line."""

import argparse

_LAST_PORT = 65535


def port_number(text: str, first: int = 0) -> int:
    """A TCP port from ``first`` to 65535; 0 stands for a free one."""
    if not text.isdecimal() or not first <= int(text) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected a port from {first} to {_LAST_PORT}, found {text!r}")
    return int(text)
