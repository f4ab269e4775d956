"""Photoshop files (Adobe Photoshop File Formats Specification, 2019), laid out by hand."""

import struct
from collections.abc import Iterator
from functools import partial

from tests.corpus.sample import HEIGHT, WIDTH, Sample, color_profile, sample

_BITMAP, _GRAY, _INDEXED, RGB, _CMYK, _DUOTONE, _LAB = 0, 1, 2, 3, 4, 8, 9
_PROFILE, THUMBNAIL = 1039, 1036


def samples() -> Iterator[Sample]:
    truth = {"width": WIDTH, "height": HEIGHT, "format": "PSD"}
    yield sample("psd-rgb.psd", partial(psd, RGB, 3), color_mode="RGB", bit_depth=8, has_alpha=False, **truth)
    yield sample("psd-rgb-alpha.psd", partial(psd, RGB, 4), color_mode="RGBA", has_alpha=True, **truth)
    yield sample("psd-gray.psd", partial(psd, _GRAY, 1), color_mode="L", **truth)
    yield sample("psd-bitmap.psd", partial(psd, _BITMAP, 1, 1), color_mode="1", bit_depth=1, **truth)
    yield sample("psd-indexed.psd", partial(psd, _INDEXED, 1, colors=bytes(768)), color_mode="P", **truth)
    yield sample("psd-cmyk.psd", partial(psd, _CMYK, 4), color_mode="CMYK", has_alpha=False, **truth)
    yield sample("psd-duotone.psd", partial(psd, _DUOTONE, 1, colors=bytes(100)), **truth)
    yield sample("psd-lab.psd", partial(psd, _LAB, 3), color_mode="LAB", **truth)
    yield sample("psd-extra-channels.psd", partial(psd, RGB, 6), **truth)
    profile = partial(lambda: psd(RGB, 3, resources=resource(_PROFILE, color_profile())))
    yield sample("psd-profile.psd", profile, **truth)
    thumbnail = partial(psd, RGB, 3, resources=resource(THUMBNAIL, bytes(300_000)))
    yield sample("psd-large-thumbnail.psd", thumbnail, **truth)
    yield sample("psd-layer-section.psd", partial(psd, RGB, 3, layers=struct.pack(">IH", 2, 0) + bytes(4)), **truth)


def resource(number: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) % 2)


def psd(  # noqa: PLR0913  # sections of the file
    mode: int, channels: int, depth: int = 8, *, colors: bytes = b"", resources: bytes = b"", layers: bytes = b""
) -> bytes:
    """A picture of zeros with raw channels."""
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, HEIGHT, WIDTH, depth, mode)
    sections = b"".join(struct.pack(">I", len(section)) + section for section in (colors, resources, layers))
    return header + sections + struct.pack(">H", 0) + bytes(-(-WIDTH * depth // 8) * HEIGHT * channels)
