"""The transformations of a HEIF image before display (ISO/IEC 23008-12, clauses 6.5.9, 6.5.10 and 6.5.12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from image_metadata.headers.isobmff.boxes import Box, Fields
from image_metadata.headers.reader import HeaderReader

# What is seen at top left, top right, bottom right and bottom left, for EXIF orientations 1 to 8.
_ORIENTATIONS = ("ABCD", "BADC", "CDAB", "DCBA", "ADCB", "DABC", "CBAD", "BCDA")


@dataclass(frozen=True, slots=True)
class View:
    """How a image is shown.

    Attributes:
        width: pixels after cropping and turning.
        height: pixels of the same.
        corners: which stored corner (A top left, then clockwise) is seen in each corner, clockwise from top left.
        turned: whether there is a rotation or mirroring.
    """

    width: int
    height: int
    corners: str = _ORIENTATIONS[0]
    turned: bool = False

    @property
    def orientation(self) -> int | None:
        """The same as an EXIF orientation, 1 to 8; None when the file has no rotation or mirroring."""
        return _ORIENTATIONS.index(self.corners) + 1 if self.turned else None


def view(source: HeaderReader, properties: Iterable[Box], width: int, height: int) -> View:
    """Apply the transformations of ``properties`` in their order to a stored image of that size.

    A ``clap`` that crops to nothing or has a zero denominator is not applied, as in browsers.
    """
    shown = View(width, height)
    for box in properties:
        if box.kind == b"clap":
            shown = _cropped(shown, Fields(box.content(source, 32)))
        elif box.kind == b"irot":
            shown = _rotated(shown, Fields(box.content(source, 1)).uint(1) & 3)
        elif box.kind == b"imir":
            shown = _mirrored(shown, Fields(box.content(source, 1)).uint(1) & 1)
    return shown


def _rotated(shown: View, quarters: int) -> View:
    """Quarter turns anticlockwise."""
    corners = shown.corners[quarters:] + shown.corners[:quarters]
    width, height = (shown.height, shown.width) if quarters & 1 else (shown.width, shown.height)
    return View(width, height, corners, turned=True)


def _mirrored(shown: View, axis: int) -> View:
    """Axis 0 exchanges top and bottom, axis 1 left and right."""
    upside_down = shown.corners[::-1]
    return View(shown.width, shown.height, upside_down[2:] + upside_down[:2] if axis else upside_down, turned=True)


def _cropped(shown: View, fields: Fields) -> View:
    numbers = [fields.uint(4) for _ in range(8)]
    denominators = numbers[1::2]
    if not all(denominators):
        return shown
    clap_width, clap_height, right, down = map(Fraction, map(_signed, numbers[::2]), denominators)
    width = _overlap(shown.width, clap_width, right)
    height = _overlap(shown.height, clap_height, down)
    return View(width, height, shown.corners, shown.turned) if width > 0 and height > 0 else shown


def _overlap(side: int, aperture: Fraction, offset: Fraction) -> int:
    """Pixels of one side that lie in an aperture, which is centered except for ``offset``."""
    first = floor(offset + Fraction(side - 1, 2) - (aperture - 1) / 2)
    last = first + floor(aperture + Fraction(1, 2))
    return min(last, side) - max(first, 0)


def _signed(number: int) -> int:
    return number - (number >> 31 << 32)
