"""PBM, PGM, PPM, PAM (netpbm's format pages pbm(5), pgm(5), ppm(5), pam(5)) and PFM (Debevec's portable float map)."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import math
import re

from image_metadata.headers.reader import FIRST_READ, HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_MODES = {b"P1": "1", b"P2": "L", b"P3": "RGB", b"P4": "1", b"P5": "L", b"P6": "RGB", b"Pf": "F", b"PF": None}
_LARGEST_SAMPLE = 65535
_SKIPPED = rb"(?:[ \t\n\v\f\r]|#[^\r\n]*[\r\n])"
_SIZE = re.compile(rb"P." + _SKIPPED + rb"+(\d{1,10})" + _SKIPPED + rb"+(\d{1,10})" + _SKIPPED)
_THIRD = re.compile(_SKIPPED + rb"*([-+.\deE]{1,32})[ \t\n\v\f\r#]")
_PAM_LINE = re.compile(rb"^[ \t]*(WIDTH|HEIGHT|DEPTH|MAXVAL)[ \t]+(\d{1,10})[ \t\r]*$", re.MULTILINE)


def read(source: HeaderReader) -> ImageHeader:
    """Decimal numbers, separated by white space and comments."""
    head = source.at(0, min(source.size, FIRST_READ))
    kind = head[:2]
    size = _SIZE.match(head)
    if size is None:
        raise corrupt(f"width and height after {kind.decode()}", "no two numbers")
    width, height = map(int, size.groups())
    mode = _MODES[kind]
    if mode == "1":
        return ImageHeader(format="PPM", width=width, height=height, color_mode="1", bit_depth=1, has_alpha=False)
    third = _THIRD.match(head, size.end())
    if kind in (b"Pf", b"PF"):
        _check(third is not None and _is_scale(third[1]), "a finite scale other than zero")
        return ImageHeader(format="PPM", width=width, height=height, color_mode=mode, bit_depth=32, has_alpha=False)
    largest = int(third[1]) if third and third[1].isdigit() else 0
    _check(0 < largest <= _LARGEST_SAMPLE, f"a largest sample of 1 to {_LARGEST_SAMPLE}")
    return ImageHeader(
        format="PPM",
        width=width,
        height=height,
        color_mode="I" if mode == "L" and largest > 255 else mode,
        bit_depth=largest.bit_length(),
        has_alpha=False,
    )


def read_pam(source: HeaderReader) -> ImageHeader:
    """Lines of a name and a number up to ``ENDHDR``; Pillow does not open PAM."""
    head, found, _ = source.at(0, min(source.size, FIRST_READ)).partition(b"\nENDHDR")
    lines = {name: int(number) for name, number in _PAM_LINE.findall(head)}
    _check(bool(found) and len(lines) == 4, "WIDTH, HEIGHT, DEPTH, MAXVAL and ENDHDR")
    return ImageHeader(
        format="PPM",
        width=lines[b"WIDTH"],
        height=lines[b"HEIGHT"],
        bit_depth=lines[b"MAXVAL"].bit_length(),
        has_alpha=lines[b"DEPTH"] in (2, 4),
    )


def _is_scale(text: bytes) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) != 0
    except ValueError:
        return False


def _check(sound: bool, expected: str) -> None:
    if not sound:
        raise corrupt(f"{expected} in the header", "a header without")
