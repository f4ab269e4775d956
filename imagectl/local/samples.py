"""The images and other files that the demo uploads, and the row that each must become."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pillow_heif
from PIL import Image

from image_metadata.model import RejectionReason

_MAKE, _MODEL, _ORIENTATION, _EXIF, _TAKEN_AT = 271, 272, 274, 0x8769, 36867


@dataclass(frozen=True, slots=True)
class ExpectedImage:
    """The columns of ImageMetadata that the demo compares."""

    file_name: str
    format: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.file_name}: {self.format} {self.width} x {self.height}"


@dataclass(frozen=True, slots=True)
class ExpectedRejection:
    """The columns of ImageRejections that the demo compares."""

    file_name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file_name}: rejected, {self.reason}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A blob to upload, and the row that it must become."""

    content: bytes
    expected: ExpectedImage | ExpectedRejection

    @property
    def name(self) -> str:
        return self.expected.file_name


def samples() -> Iterator[Sample]:
    """Made one by one, since the largest takes 30 MB."""
    photo = _photo()
    yield from (photo, Sample(photo.content, ExpectedImage("the same photo.jpg", "JPEG", 4032, 3024)))
    yield _heic("2026/11/portrait.heic")
    yield from (_image("drawing.png", "PNG", 800, 600, "RGBA"), _image("2026/café ☕/山.webp", "WEBP", 1920, 1080))
    yield from (_image("picture.avif", "AVIF", 320, 240), _image("bitmap.bmp", "BMP", 320, 240))
    frames = [Image.new("P", (320, 240), color) for color in range(3)]
    yield _image("animation.gif", "GIF", 320, 240, "P", save_all=True, append_images=frames)
    yield _image("scan 30 MB.tif", "TIFF", 3508, 2976)
    yield _image("300 megapixels.png", "PNG", 30_000, 10_000, "1")
    yield _image("a?sig=b&c;'%41#.png", "PNG", 64, 64)
    yield from _not_images(photo.content)


def overwritten() -> tuple[Sample, Sample]:
    """Two states of one blob."""
    return _image("overwritten.png", "PNG", 640, 480), _image("overwritten.png", "PNG", 1280, 720)


def _not_images(jpeg: bytes) -> Iterator[Sample]:
    yield Sample(b"Not an image.\n", ExpectedRejection("notes.txt", RejectionReason.UNSUPPORTED_FORMAT))
    yield Sample(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", ExpectedRejection("invoice.pdf", RejectionReason.UNSUPPORTED_FORMAT))
    yield Sample(b"", ExpectedRejection("empty.jpg", RejectionReason.EMPTY))
    yield Sample(jpeg[:100], ExpectedRejection("truncated.jpg", RejectionReason.CORRUPT))


def _photo() -> Sample:
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL], exif[_ORIENTATION] = "Example", "Camera One", 6
    exif.get_ifd(_EXIF)[_TAKEN_AT] = "2026:11:22 06:28:51"
    return _image("photo.jpg", "JPEG", 4032, 3024, exif=exif)


def _heic(name: str) -> Sample:
    file = io.BytesIO()
    pillow_heif.from_pillow(_picture("RGB", 1200, 1600)).save(file)
    return Sample(file.getvalue(), ExpectedImage(name, "HEIF", 1200, 1600))


def _image(name: str, form: str, width: int, height: int, mode: str = "RGB", **options: Any) -> Sample:
    file = io.BytesIO()
    _picture(mode, width, height).save(file, form, **options)
    return Sample(file.getvalue(), ExpectedImage(name, form, width, height))


def _picture(mode: str, width: int, height: int) -> Image.Image:
    if mode == "1":
        # A gradient of this size would take as many bytes as it has pixels.
        return Image.new(mode, (width, height), 1)
    return Image.linear_gradient("L").resize((width, height)).convert(mode)
