"""A file of the corpus, and the images that the files hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

WIDTH, HEIGHT = 61, 37
"""Pixels; two primes, so that swapped, rounded or block-aligned sizes show."""

_HOLE = 40


@dataclass(frozen=True)
class Sample:
    """One file of the corpus.

    Attributes:
        name: file name; what is special about the file, and its usual suffix.
        make: makes the file's bytes, the same ones every time.
        truth: fields of ``ImageHeader`` known by construction, where no other reader is needed to say so.
    """

    name: str
    make: Callable[[], bytes] = field(repr=False)
    truth: Mapping[str, Any]

    @cached_property
    def data(self) -> bytes:
        return self.make()

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]

    def __str__(self) -> str:
        return self.name


def sample(name: str, make: Callable[[], bytes], **truth: Any) -> Sample:
    return Sample(name, make, truth)


def picture(mode: str = "RGB", width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A gradient; smooth enough to compress, uneven enough to need every channel."""
    slope = Image.linear_gradient("L").resize((width, height))
    disc = Image.radial_gradient("L").resize((width, height))
    match mode:
        case "RGBA" | "LA" | "PA":
            opaque = picture("RGB" if mode == "RGBA" else mode[0], width, height)
            opaque.putalpha(disc.point(lambda value: value if value > _HOLE else 0))
            return opaque
        case "LAB":
            return Image.merge("LAB", (slope, disc, slope))
        case "I;16" | "I;16B" | "F":
            return slope.convert("I" if mode != "F" else "F").convert(mode)
        case _:
            return Image.merge("RGB", (slope, disc, slope.rotate(180))).convert(mode)


def encode(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The file that Pillow writes."""
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def color_profile(size: int = 0) -> bytes:
    """An sRGB profile, padded to ``size`` bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the time of creation
    profile.extend(bytes(max(0, size - len(profile))))
    profile[0:4] = len(profile).to_bytes(4, "big")
    return bytes(profile)


XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/x"/></rdf:RDF></x:xmpmeta>"""
