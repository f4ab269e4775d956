"""JPEG XL: the header says what libjxl says of the files that it wrote itself."""

from io import BytesIO

import pillow_jxl  # noqa: F401  # registers the plugin with Pillow
import pytest
from PIL import Image

from tests.corpus import exif
from tests.corpus.reading import CountedFile
from tests.corpus.sample import encode, picture

SIZES = [(64, 64), (128, 64), (120, 100), (160, 120), (150, 100), (160, 90), (1, 1), (3000, 7)]


def values(header):
    return header.format, header.width, header.height, header.color_mode, header.has_alpha


def opinion(data):
    with Image.open(BytesIO(data)) as image:
        return image.format, *image.size, image.mode, image.has_transparency_data


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_size_is_that_of_the_decoder(size):
    data = encode(picture("L", *size), "JXL")
    assert values(CountedFile(data).header("a.jxl")) == opinion(data)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16", "F"])
@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"use_container": True}], ids=str)
def test_the_mode_is_that_of_the_decoder(mode, options):
    data = encode(picture(mode), "JXL", **options)
    assert values(CountedFile(data).header("a.jxl")) == opinion(data)


def test_exif_that_libjxl_wrote_costs_no_further_request():
    file = CountedFile(encode(picture(), "JXL", use_container=True, exif=exif.camera()))
    assert (file.header("a.jxl").camera_model, file.requests) == ("KX-100", 1)


def test_exif_that_is_compressed_with_brotli_is_not_read():
    data = encode(picture(), "JXL", use_container=True, exif=exif.camera(), compress_metadata=True)
    assert b"brob" in data
    assert CountedFile(data).header("a.jxl").camera_model is None
