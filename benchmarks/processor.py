"""Processor time per image without a network: the header reader and ``Image.open`` on the same bytes in memory."""

import time
from collections.abc import Callable, Iterator
from io import BytesIO

from PIL import ExifTags, Image

from benchmarks.big_files import jpeg_file, png_file
from benchmarks.results import Result, duration
from image_metadata.headers import read_header
from image_metadata.headers.reader import FIRST_READ, HeaderReader
from tests.corpus import jpeg, png

_MOST = 1.5
_CALLS = 200
_MEGABYTE = 1_000_000


def measure(rounds: int) -> Iterator[Result]:
    """JPEG and PNG, with and without a camera's EXIF block."""
    yield _of_file("JPEG, no EXIF", "plain.jpg", jpeg.jpeg(), _opened, rounds)
    yield _of_file("JPEG, EXIF", "photo.jpg", jpeg_file(_MEGABYTE), _opened, rounds)
    yield _of_file("PNG, no EXIF", "plain.png", png.png(), _opened, rounds)
    # Image.open reads no EXIF in a PNG, the header reader does; so the same values are asked for.
    yield _of_file("PNG, EXIF (usual way with getexif)", "drawing.png", png_file(_MEGABYTE), _opened_with_exif, rounds)


def _of_file(what: str, name: str, data: bytes, opened: Callable[[bytes], object], rounds: int) -> Result:
    pairs = [(_per_call(lambda: opened(data)), _per_call(lambda: _read(data, name))) for _ in range(rounds)]
    # The least of many rounds is what the code needs; the rest is what else the machine did.
    usual = min(usual for usual, _ in pairs)
    ours = min(ours for _, ours in pairs)
    return Result(
        what=f"{what}: processor time",
        usual=duration(usual),
        ours=duration(ours),
        ratio=ours / usual,
        target=f"≤ {_MOST:g} of it",
        reached=ours / usual <= _MOST,
    )


def _opened(data: bytes) -> tuple[int, int, str | None]:
    with Image.open(BytesIO(data)) as image:
        return image.width, image.height, image.format


def _opened_with_exif(data: bytes) -> tuple[object, ...]:
    with Image.open(BytesIO(data)) as image:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        return image.size, exif.get(ExifTags.Base.Model), details.get(ExifTags.Base.DateTimeOriginal)


def _read(data: bytes, name: str) -> object:
    """As in the product: the first bytes are there, and more are fetched when they are wanted."""
    source = HeaderReader(lambda offset, length: data[offset : offset + length], len(data), data[:FIRST_READ])
    return read_header(source, name)


def _per_call(call: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - started) / _CALLS
