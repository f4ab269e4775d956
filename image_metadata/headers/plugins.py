"""Formats that are read by Pillow's own plugins: DDS, PCX, SGI, TGA.

Each plugin class is called by itself, never through ``Image.open``: that would check the size against
``Image.MAX_IMAGE_PIXELS``, and to change this limit, or the list of plugins, would change it for everybody else.
"""

from PIL import ImageMode
from PIL.DdsImagePlugin import DdsImageFile
from PIL.ImageFile import ImageFile
from PIL.PcxImagePlugin import PcxImageFile
from PIL.SgiImagePlugin import SgiImageFile
from PIL.TgaImagePlugin import TgaImageFile

from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader

_ALPHA_MODES = frozenset(["RGBA", "LA", "PA"])


def read_dds(source: HeaderReader) -> ImageHeader:
    return _read(DdsImageFile, source)


def read_pcx(source: HeaderReader) -> ImageHeader:
    return _read(PcxImageFile, source)


def read_sgi(source: HeaderReader) -> ImageHeader:
    return _read(SgiImageFile, source)


def read_tga(source: HeaderReader) -> ImageHeader:
    return _read(TgaImageFile, source)


def _read(plugin: type[ImageFile], source: HeaderReader) -> ImageHeader:
    source.seek(0)
    image = plugin(source)  # type: ignore[arg-type]  # a plugin needs read, seek and tell of the file
    bits = int(ImageMode.getmode(image.mode).typestr[2:]) * 8
    return ImageHeader(
        format=str(image.format),
        width=image.width,
        height=image.height,
        color_mode=image.mode,
        bit_depth=1 if image.mode == "1" else bits,
        has_alpha=image.mode in _ALPHA_MODES,
    )
