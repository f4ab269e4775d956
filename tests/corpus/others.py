"""QOI, DDS, PCX, SGI and TGA, as Pillow writes them."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.corpus.sample import Sample, encode, picture, sample

_TGA_FOOTER = bytes(8) + b"TRUEVISION-XFILE.\0"


def samples() -> Iterator[Sample]:
    for file_format, suffix, modes in (
        ("QOI", "qoi", ("RGB", "RGBA")),
        ("DDS", "dds", ("L", "LA", "RGB", "RGBA")),
        ("PCX", "pcx", ("1", "L", "P", "RGB")),
        ("SGI", "sgi", ("L", "RGB", "RGBA")),
        ("TGA", "tga", ("1", "L", "LA", "P", "RGB", "RGBA")),
    ):
        for mode in modes:
            make = partial(_encoded, mode, file_format)
            yield sample(f"{suffix}-{mode}.{suffix}", make, format=file_format)
    for pixel_format in ("DXT1", "DXT3", "DXT5", "BC2", "BC3", "BC5"):
        mode = "RGB" if pixel_format == "BC5" else "RGBA"
        yield sample(f"dds-{pixel_format}.dds", partial(_encoded, mode, "DDS", pixel_format=pixel_format))
    yield sample("qoi-srgb.qoi", partial(_encoded, "RGB", "QOI", colorspace="sRGB"))
    yield sample("sgi-deep.sgi", partial(_encoded, "L", "SGI", bpc=2))
    yield sample("tga-rle.tga", partial(_encoded, "RGB", "TGA", compression="tga_rle"))
    yield sample("tga-top-down.tga", partial(_encoded, "RGB", "TGA", orientation=1))
    yield sample("tga-identification.tga", partial(_encoded, "RGB", "TGA", id_section=b"hello"))
    yield sample("tga-by-footer.bin", partial(_encoded, "RGB", "TGA"), format="TGA")
    yield sample("tga-by-extension.tga", _without_footer, format="TGA")


def _encoded(mode: str, file_format: str, **options: Any) -> bytes:
    return encode(picture(mode), file_format, **options)


def _without_footer() -> bytes:
    return _encoded("RGB", "TGA").removesuffix(_TGA_FOOTER)
