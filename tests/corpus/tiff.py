"""TIFF files (TIFF 6.0, BigTIFF) of both byte orders: what libtiff compresses, and hand-made layouts."""

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

from tests.corpus import exif
from tests.corpus.sample import HEIGHT, WIDTH, Sample, color_profile, encode, picture, sample
from tests.corpus.tiff_writer import Directory, Entry, ascii_, child, long, long8, offsets, short, tiff, undefined

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC, _STRIPS, _SAMPLES, _ROWS, _COUNTS = (
    0x100, 0x101, 0x102, 0x103, 0x106, 0x111, 0x115, 0x116, 0x117,
)  # fmt: skip
_PLANAR, _TILE_WIDTH, _TILE_LENGTH, _TILES, _TILE_COUNTS = 0x11C, 0x142, 0x143, 0x144, 0x145
_BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK = 1, 2, 3, 5


def samples() -> Iterator[Sample]:
    yield from _modes()
    yield from _compressions()
    yield from _layouts()
    yield from _depths()
    yield from _orientations()
    yield from _metadata()
    yield from _pages()


def _pillow(mode: str = "RGB", **options: Any) -> bytes:
    return encode(picture(mode), "TIFF", **options)


def page(depths: tuple[int, ...] = (8, 8, 8), photometric: int = _RGB, **tags: Entry) -> Directory:
    """An uncompressed page of zeros; ``tags`` are more entries as ``t<number>``."""
    row = -(-WIDTH * sum(depths) // 8)
    plain: Directory = {
        _WIDTH: short(WIDTH),
        _LENGTH: short(HEIGHT),
        _BITS: short(*depths),
        _COMPRESSION: short(1),
        _PHOTOMETRIC: short(photometric),
        _STRIPS: offsets(bytes(row * HEIGHT)),
        _SAMPLES: short(len(depths)),
        _ROWS: short(HEIGHT),
        _COUNTS: long(row * HEIGHT),
    }
    return {**plain, **{int(name[1:]): entry for name, entry in tags.items()}}


def _modes() -> Iterator[Sample]:
    depths = {"1": 1, "I;16": 16, "I;16B": 16, "I": 32, "F": 32}
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "YCbCr", "I;16", "I;16B", "I", "F"):
        name = f"tiff-mode-{mode.replace(';', '')}.tif"
        yield sample(name, partial(_pillow, mode), bit_depth=depths.get(mode, 8), format="TIFF")


def _compressions() -> Iterator[Sample]:
    for compression in ("tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        make = partial(_pillow, compression=compression)
        yield sample(f"tiff-{compression.removeprefix('tiff_')}.tif", make, width=WIDTH, height=HEIGHT)
    for compression in ("group3", "group4", "tiff_ccitt"):
        make = partial(_pillow, "1", compression=compression)
        yield sample(f"tiff-{compression.removeprefix('tiff_')}.tif", make, bit_depth=1)
    yield sample("tiff-jpeg-gray.tif", partial(_pillow, "L", compression="jpeg"))


def _layouts() -> Iterator[Sample]:
    for order, big, first in product("<>", (False, True), (False, True)):
        name = "-".join([
            "tiff", "little" if order == "<" else "big", "bigtiff" if big else "classic", "directory",
            "first" if first else "last",
        ])  # fmt: skip
        make = partial(tiff, page(), order=order, big=big, directory_first=first)
        yield sample(f"{name}.tif", make, width=WIDTH, height=HEIGHT, color_mode="RGB")
    yield sample("tiff-bigtiff-pillow.tif", partial(_pillow, big_tiff=True))
    yield sample("tiff-bigtiff-long8.tif", partial(tiff, page(t256=long8(WIDTH), t257=long8(HEIGHT)), big=True))
    yield sample("tiff-long-size.tif", partial(tiff, page(t256=long(WIDTH), t257=long(HEIGHT))))
    yield sample("tiff-many-strips.tif", lambda: tiff(_strips(rows=1)))
    yield sample("tiff-tiled.tif", lambda: tiff(_tiled()))
    yield sample("tiff-directory-behind-a-megabyte.tif", lambda: tiff(page(t65000=undefined(bytes(1_000_000)))))
    yield sample("tiff-planes.tif", lambda: tiff(_planes()))


def _strips(rows: int) -> Directory:
    strip = bytes(WIDTH * 3 * rows)
    parts = [strip] * (HEIGHT // rows)
    return {**page(), _STRIPS: offsets(*parts), _ROWS: short(rows), _COUNTS: long(*map(len, parts))}


def _tiled() -> Directory:
    tiles = [bytes(16 * 16 * 3)] * (4 * 3)
    tags = {
        _TILE_WIDTH: short(16),
        _TILE_LENGTH: short(16),
        _TILES: offsets(*tiles),
        _TILE_COUNTS: long(*map(len, tiles)),
    }
    return {tag: entry for tag, entry in {**page(), **tags}.items() if tag not in (_STRIPS, _ROWS, _COUNTS)}


def _planes() -> Directory:
    planes = [bytes(WIDTH * HEIGHT)] * 3
    return {**page(), _PLANAR: short(2), _STRIPS: offsets(*planes), _COUNTS: long(*map(len, planes))}


def _depths() -> Iterator[Sample]:
    for depth in (1, 2, 4, 8, 16, 32):
        yield sample(f"tiff-gray-{depth}.tif", partial(tiff, page((depth,), _BLACK_IS_ZERO)), bit_depth=depth)
    for depth in (1, 4, 8):
        yield sample(f"tiff-white-is-zero-{depth}.tif", partial(tiff, page((depth,), 0)), bit_depth=depth)
    for depth in (4, 8):
        colored = page((depth,), _PALETTE, t320=short(*[0] * (3 << depth)))
        yield sample(f"tiff-palette-{depth}.tif", partial(tiff, colored), bit_depth=depth, color_mode="P")
    yield sample("tiff-rgb-16.tif", partial(tiff, page((16,) * 3)), bit_depth=16)
    yield sample("tiff-rgb-16-big-endian.tif", partial(tiff, page((16,) * 3), order=">"), bit_depth=16)
    yield sample("tiff-float.tif", partial(tiff, page((32,), _BLACK_IS_ZERO, t339=short(3))), color_mode="F")
    yield sample("tiff-signed-16.tif", partial(tiff, page((16,), _BLACK_IS_ZERO, t339=short(2))), bit_depth=16)
    alpha = {"has_alpha": True, "color_mode": "RGBA"}
    yield sample("tiff-straight-alpha.tif", partial(tiff, page((8,) * 4, t338=short(2))), **alpha)
    yield sample("tiff-premultiplied-alpha.tif", partial(tiff, page((8,) * 4, t338=short(1))))
    yield sample("tiff-unspecified-fourth.tif", partial(tiff, page((8,) * 4, t338=short(0))))
    yield sample("tiff-cmyk-8.tif", partial(tiff, page((8,) * 4, _CMYK)), color_mode="CMYK", has_alpha=False)


def _orientations() -> Iterator[Sample]:
    for turn in range(1, 9):
        shown = (HEIGHT, WIDTH) if turn > 4 else (WIDTH, HEIGHT)
        make = partial(tiff, page(t274=short(turn)))
        stored = {"orientation": turn, "width": WIDTH, "height": HEIGHT}
        yield sample(f"tiff-orientation-{turn}.tif", make, display_width=shown[0], display_height=shown[1], **stored)


def _metadata() -> Iterator[Sample]:
    for order in "<>":
        make = partial(tiff, {**page(), **exif.CAMERA}, order=order)
        yield sample(f"tiff-camera-{'little' if order == '<' else 'big'}.tif", make, **exif.CAMERA_TRUTH)
    yield sample(
        "tiff-camera-directory-first.tif", lambda: tiff(_described(), directory_first=True), **exif.CAMERA_TRUTH
    )
    yield sample("tiff-camera-bigtiff.tif", lambda: tiff(_described(), big=True), **exif.CAMERA_TRUTH)
    yield sample("tiff-profile.tif", lambda: _pillow(icc_profile=color_profile()))
    yield sample("tiff-large-profile.tif", lambda: tiff(page(t34675=undefined(color_profile(600_000)))))
    yield sample("tiff-long-description.tif", lambda: tiff(page(t270=ascii_("x" * 100_000))))
    yield sample("tiff-sub-directory.tif", lambda: tiff(page(t330=child(page((8,), _BLACK_IS_ZERO)))))


def _described() -> Directory:
    return {**page(), **exif.CAMERA}


def _pages() -> Iterator[Sample]:
    first, second = page(), page((8,), _BLACK_IS_ZERO)
    for order in "<>":
        make = partial(tiff, first, second, second, order=order)
        yield sample(f"tiff-three-pages-{'little' if order == '<' else 'big'}.tif", make, color_mode="RGB")
    frames = [picture("L"), picture("1")]
    yield sample("tiff-three-pages-pillow.tif", partial(_pillow, save_all=True, append_images=frames))
    reduced = {"frame_count": 1, "width": WIDTH}
    yield sample("tiff-thumbnail-behind.tif", lambda: tiff(first, {**second, 254: long(1)}), **reduced)
    yield sample("tiff-mask-behind.tif", lambda: tiff(first, {**page((1,), _BLACK_IS_ZERO), 254: long(4)}), **reduced)
    yield sample("tiff-fifty-pages.tif", lambda: tiff(*[second] * 50), color_mode="L")
