"""Text for a terminal: escaped, and cut to a width."""

import os
import sys
from typing import TextIO

from rich.cells import cell_len, set_cell_size


def visible(text: str) -> str:
    """One line in which control and bidirectional characters are escaped, so that no name controls the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def fitted(text: str, width: int) -> str:
    """The text in exactly ``width`` cells: padded, or cut and ended by an ellipsis."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` cells; a longer word, a name for instance, stays whole."""
    lines: list[str] = []
    # Not split(): two spaces in a name stay two.
    for word in text.split(" ") if text else ():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def has_color() -> bool:
    """Whether stdout is a terminal that may be colored (https://no-color.org)."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
