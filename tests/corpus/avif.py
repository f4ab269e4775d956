"""AVIF files (AV1 Image File Format 1.1): what libavif writes through Pillow, and edits of it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from tests.corpus import exif
from tests.corpus.isobmff import Item, aperture, coded, container, exif_item, grid, rotation, size
from tests.corpus.sample import HEIGHT, WIDTH, XMP, Sample, color_profile, encode, picture, sample

TILE = 64


def samples() -> Iterator[Sample]:
    yield from _codings()
    yield from _orientations()
    yield from _metadata()
    yield from _sequences()
    yield from _containers()


def avif(mode: str = "RGB", width: int = WIDTH, height: int = HEIGHT, **options: Any) -> bytes:
    return encode(picture(mode, width, height), "AVIF", speed=10, max_threads=1, **options)


def _codings() -> Iterator[Sample]:
    plain = {"width": WIDTH, "height": HEIGHT, "format": "AVIF", "bit_depth": 8}
    yield sample("avif-8-bit.avif", avif, has_alpha=False, **plain)
    yield sample("avif-10-bit.avif", _deep, bit_depth=10)
    yield sample("avif-alpha.avif", partial(avif, "RGBA"), has_alpha=True, **plain)
    yield sample("avif-gray.avif", partial(avif, "L"), has_alpha=False, **plain)
    yield sample("avif-gray-alpha.avif", partial(avif, "LA"), has_alpha=True, **plain)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0", "4:0:0"):
        name = f"avif-subsampling-{subsampling.replace(':', '')}.avif"
        yield sample(name, partial(avif, subsampling=subsampling), **plain)
    yield sample("avif-quality-1.avif", partial(avif, quality=1), **plain)
    yield sample("avif-1x1.avif", partial(avif, "RGB", 1, 1), width=1, height=1)
    yield sample("avif-wide.avif", partial(avif, "L", 8000, 16), width=8000, height=16)


def _deep() -> bytes:
    """The header says ten bits: the flag in ``av1C`` and the depths in ``pixi``."""
    data = avif()
    position = data.index(b"av1C") + 6
    deep = bytes([data[position] | 0x40])
    data = data[:position] + deep + data[position + 1 :]
    return data.replace(b"pixi\0\0\0\0\x03\x08\x08\x08", b"pixi\0\0\0\0\x03\x0a\x0a\x0a")


def _orientations() -> Iterator[Sample]:
    for turn in range(1, 9):
        shown = (HEIGHT, WIDTH) if turn > 4 else (WIDTH, HEIGHT)
        truth = {"orientation": turn} if turn > 1 else {}
        make = partial(avif, exif=exif.turned(turn))
        yield sample(f"avif-turned-{turn}.avif", make, display_width=shown[0], display_height=shown[1], **truth)


def _metadata() -> Iterator[Sample]:
    truth = {key: value for key, value in exif.CAMERA_TRUTH.items() if key != "orientation"}
    yield sample("avif-camera.avif", lambda: avif(exif=exif.camera()), **truth)
    yield sample("avif-camera-turned.avif", lambda: avif(exif=exif.camera("<", 6)), orientation=6, **truth)
    yield sample("avif-profile.avif", lambda: avif(icc_profile=color_profile()))
    yield sample("avif-large-profile.avif", lambda: avif(icc_profile=color_profile(200_000)))
    yield sample("avif-xmp.avif", partial(avif, xmp=XMP))


def _sequences() -> Iterator[Sample]:
    for name, mode in {"sequence": "RGB", "sequence-alpha": "RGBA"}.items():
        yield sample(f"avif-{name}.avif", partial(_sequence, mode), frame_count=3, format="AVIF")


def _sequence(mode: str) -> bytes:
    frames = [picture(mode).rotate(angle) for angle in (90, 180)]
    data = bytearray(avif(mode, save_all=True, append_images=frames, duration=40))
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        _forget_when(data, kind)
    return bytes(data)


def _forget_when(data: bytearray, kind: bytes) -> None:
    """Zero the times of creation and change in a version 1 header, so that the file is the same every time."""
    position = data.find(kind)
    while position >= 0:
        data[position + 8 : position + 24] = bytes(16)
        position = data.find(kind, position + 1)


@cache
def _tile() -> Item:
    configuration, data = coded(avif("RGB", TILE, TILE), b"av1C")
    return Item(b"av01", data, (configuration, size(TILE, TILE), _PIXELS))


_PIXELS = b"\0\0\0\x10pixi\0\0\0\0\x03\x08\x08\x08"


def _containers() -> Iterator[Sample]:
    stored = {"width": 128, "height": 64, "format": "AVIF"}
    yield sample("avif-grid.avif", _grid, **stored)
    turned = {"orientation": 8, "display_width": 64, "display_height": 128}
    yield sample("avif-grid-rotated.avif", partial(_grid, rotation(1)), **stored, **turned)
    yield sample("avif-tile.avif", lambda: _file([_tile()]), width=TILE, height=TILE)
    yield sample("avif-data-first.avif", lambda: _file([_tile()], data_first=True), width=TILE, height=TILE)
    cropped = partial(_grid, aperture(100, 50))
    yield sample("avif-cropped.avif", cropped, display_width=100, display_height=50, **stored)


def with_payload(payload: bytes, block: bytes) -> bytes:
    """A picture, ``payload`` as the data of a hidden one, and behind it an EXIF block."""
    unseen = replace(_tile(), data=payload, hidden=True)
    return _file([_tile(), unseen, exif_item(block, of=1)])


def _grid(*properties: bytes) -> bytes:
    whole = Item(b"grid", grid(2, 1, 128, 64), (size(128, 64), _PIXELS, *properties), (b"dimg", [2, 3]), inside=True)
    return _file([whole, _tile(), _tile()])


def _file(items: list[Item], **options: bool) -> bytes:
    return container(items, brand=b"avif", **options)
