"""HEIC files: what libheif writes through pillow-heif, and what phones write around the same coded images."""

from collections.abc import Iterator
from functools import cache, partial
from io import BytesIO
from typing import Any

import pillow_heif

from tests.corpus import exif
from tests.corpus.isobmff import Item, aperture, box, coded, container, exif_item, grid, mirror, rotation, size
from tests.corpus.sample import HEIGHT, WIDTH, XMP, Sample, color_profile, picture, sample

TILE = 64


def samples() -> Iterator[Sample]:
    yield from _codings()
    yield from _orientations()
    yield from _metadata()
    yield from _several()
    yield from _transforms()
    yield from _grids()
    yield from _containers()


def heic(mode: str = "RGB", width: int = WIDTH, height: int = HEIGHT, **options: Any) -> bytes:
    return _save(pillow_heif.from_pillow(picture(mode, width, height)), **options)


def _save(images: pillow_heif.HeifFile, **options: Any) -> bytes:
    file = BytesIO()
    images.save(file, **{"quality": 50, "save_nclx_profile": True, **options})
    return file.getvalue()


def _codings() -> Iterator[Sample]:
    shown = {"display_width": WIDTH, "display_height": HEIGHT, "format": "HEIF"}
    yield sample("heif-8-bit.heic", heic, bit_depth=8, has_alpha=False, **shown)
    yield sample("heif-10-bit.heic", partial(_deep, "RGB;16", 6), bit_depth=10, **shown)
    yield sample("heif-10-bit-alpha.heic", partial(_deep, "RGBA;16", 8), bit_depth=10, has_alpha=True, **shown)
    yield sample("heif-alpha.heic", partial(heic, "RGBA"), has_alpha=True, **shown)
    yield sample("heif-gray.heic", partial(heic, "L"), has_alpha=False, **shown)
    yield sample("heif-gray-alpha.heic", partial(heic, "LA"), has_alpha=True, **shown)
    yield sample("heif-444.heic", partial(heic, chroma=444), **shown)
    yield sample("heif-lossless.heic", partial(heic, quality=-1, chroma=444), **shown)
    yield sample("heif-even-size.heic", partial(heic, "RGB", TILE, TILE), width=TILE, height=TILE)
    yield sample("heif-large.heic", partial(heic, "L", 4032, 64), width=4032, height=64)


def _deep(mode: str, bytes_per_pixel: int) -> bytes:
    return _save(pillow_heif.from_bytes(mode, (WIDTH, HEIGHT), bytes(WIDTH * HEIGHT * bytes_per_pixel)))


def _orientations() -> Iterator[Sample]:
    for turn in range(1, 9):
        swapped = turn > 4
        shown = (HEIGHT, WIDTH) if swapped else (WIDTH, HEIGHT)
        make = partial(heic, exif=b"Exif\0\0" + exif.turned(turn))
        truth = {"orientation": turn} if turn > 1 else {}
        yield sample(f"heif-turned-{turn}.heic", make, display_width=shown[0], display_height=shown[1], **truth)


def _metadata() -> Iterator[Sample]:
    block = b"Exif\0\0" + exif.camera()
    yield sample("heif-camera.heic", partial(heic, exif=block), **exif.CAMERA_TRUTH)
    big_endian = b"Exif\0\0" + exif.camera(">")
    yield sample("heif-camera-big-endian.heic", partial(heic, exif=big_endian), **exif.CAMERA_TRUTH)
    yield sample("heif-thumbnail.heic", partial(heic, "RGB", 256, 192, thumbnails=[64]), width=256, height=192)
    yield sample("heif-xmp.heic", partial(heic, xmp=XMP))
    yield sample("heif-profile.heic", lambda: _with_profile(color_profile()))
    yield sample("heif-large-profile.heic", lambda: _with_profile(color_profile(200_000)))


def _with_profile(profile: bytes) -> bytes:
    image = picture()
    image.info["icc_profile"] = profile
    return _save(pillow_heif.from_pillow(image))


def _several() -> Iterator[Sample]:
    shown = {"display_width": WIDTH, "display_height": HEIGHT}
    yield sample("heif-three-images.heic", partial(_images, 0), **shown)
    yield sample("heif-second-is-primary.heic", partial(_images, 1), display_width=96, display_height=80)


def _images(primary: int) -> bytes:
    images = pillow_heif.from_pillow(picture())
    images.add_from_pillow(picture("RGB", 96, 80))
    images.add_from_pillow(picture("L", 32, 32))
    return _save(images, primary_index=primary)


@cache
def _tile() -> tuple[bytes, bytes]:
    return coded(heic("RGB", TILE, TILE), b"hvcC")


def tile(*properties: bytes, hidden: bool = False) -> Item:
    """A coded picture of 64 by 64 pixels."""
    configuration, data = _tile()
    return Item(b"hvc1", data, (configuration, size(TILE, TILE), *properties), hidden=hidden)


def tiled(width: int, height: int, *properties: bytes, inside: bool = True) -> list[Item]:
    """A grid of tiles behind a derived picture, as phones write."""
    columns, rows = -(-width // TILE), -(-height // TILE)
    numbers = list(range(2, columns * rows + 2))
    plan = grid(columns, rows, width, height)
    whole = Item(b"grid", plan, (size(width, height), *properties), (b"dimg", numbers), inside=inside)
    return [whole, *[tile(hidden=True) for _ in numbers]]


def _transforms() -> Iterator[Sample]:
    for quarters, turn in {1: 8, 2: 3, 3: 6}.items():
        make = partial(lambda quarters: container([tile(rotation(quarters))]), quarters)
        yield sample(f"heif-rotated-{quarters}.heic", make, orientation=turn, width=TILE, height=TILE)
    for axis, turn in {0: 4, 1: 2}.items():
        make = partial(lambda axis: container([tile(mirror(axis))]), axis)
        yield sample(f"heif-mirrored-{axis}.heic", make, orientation=turn)
    yield sample("heif-rotated-then-mirrored.heic", lambda: container([tile(rotation(1), mirror(1))]), orientation=7)
    yield sample("heif-mirrored-then-rotated.heic", lambda: container([tile(mirror(1), rotation(1))]), orientation=5)
    yield sample("heif-not-rotated.heic", lambda: container([tile(rotation(0))]))
    cropped = {"width": TILE, "height": TILE}
    make = partial(lambda: container([tile(aperture(40, 20))]))
    yield sample("heif-cropped.heic", make, display_width=40, display_height=20, **cropped)
    make = partial(lambda: container([tile(aperture(40, 20), rotation(1))]))
    yield sample("heif-cropped-rotated.heic", make, display_width=20, display_height=40, orientation=8, **cropped)


def _grids() -> Iterator[Sample]:
    stored = {"width": 150, "height": 100}
    yield sample("heif-grid-libheif.heic", partial(heic, "RGB", 150, 100, tile_size=TILE), **stored)
    yield sample("heif-grid.heic", lambda: container(tiled(150, 100)), **stored)
    yield sample("heif-grid-outside.heic", lambda: container(tiled(150, 100, inside=False)), **stored)
    turned = {"display_width": 100, "display_height": 150, "orientation": 6}
    yield sample("heif-grid-rotated.heic", lambda: container(tiled(150, 100, rotation(3))), **stored, **turned)
    yield sample("heif-grid-phone.heic", _phone, width=640, height=448, **(exif.CAMERA_TRUTH | {"orientation": 6}))
    yield sample("heif-grid-hundreds.heic", lambda: container(tiled(1920, 1280)), width=1920, height=1280)


def _phone() -> bytes:
    """Seventy tiles, a rotation, and an EXIF block that repeats it, as a phone held upright writes."""
    return container([*tiled(640, 448, rotation(3)), exif_item(exif.camera(">", 6), of=1)])


def _containers() -> Iterator[Sample]:
    plain = {"width": TILE, "height": TILE, "format": "HEIF"}
    yield sample("heif-data-first.heic", lambda: container([tile()], data_first=True), **plain)
    yield sample("heif-large-box.heic", lambda: container([tile()], large=True), **plain)
    yield sample("heif-large-box-first.heic", lambda: container([tile()], data_first=True, large=True), **plain)
    for brand in ("heix", "mif1"):
        make = partial(lambda brand: container([tile()], brand=brand.encode()).replace(b"mif1mif1", b"mif1heic"), brand)
        yield sample(f"heif-brand-{brand}.heif", make, **plain)
    yield sample("heif-exif-before-the-picture.heic", _exif_first, **plain)
    yield sample("heif-free-behind.heic", lambda: container([tile()]) + box(b"free", bytes(5000)), **plain)
    yield sample("heif-exif-disagrees.heic", _disagreeing, orientation=6)


def _exif_first() -> bytes:
    return container([exif_item(exif.camera(), of=2), tile()], primary=2)


def _disagreeing() -> bytes:
    """The transformation is what viewers apply; EXIF says something else (ISO/IEC 23008-12, 6.5.10 and Annex A)."""
    return container([tile(rotation(3)), exif_item(exif.turned(3), of=1)])
