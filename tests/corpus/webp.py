"""WebP files (RFC 9649): lossy, lossless, extended, animated."""

import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.corpus import exif
from tests.corpus.sample import XMP, Sample, color_profile, encode, picture, sample


def samples() -> Iterator[Sample]:
    yield from _codings()
    yield from _metadata()
    yield from _animations()
    yield from _edits()


def webp(mode: str = "RGB", **options: Any) -> bytes:
    return encode(picture(mode), "WEBP", method=0, **options)


def _codings() -> Iterator[Sample]:
    plain = {"format": "WEBP", "bit_depth": 8, "frame_count": 1}
    yield sample("webp-lossy.webp", webp, has_alpha=False, **plain)
    yield sample("webp-lossless.webp", partial(webp, lossless=True), has_alpha=False, **plain)
    yield sample("webp-lossy-alpha.webp", partial(webp, "RGBA"), has_alpha=True, **plain)
    yield sample("webp-lossless-alpha.webp", partial(webp, "RGBA", lossless=True), has_alpha=True, **plain)
    yield sample("webp-exact.webp", partial(webp, "RGBA", lossless=True, exact=True), has_alpha=True, **plain)
    yield sample("webp-gray.webp", partial(webp, "L"), has_alpha=False, **plain)
    yield sample("webp-quality-1.webp", partial(webp, quality=1), **plain)
    for width, height in ((1, 1), (16_383, 1), (1, 16_383)):
        for lossless in (False, True):
            make = partial(_sized, width, height, lossless=lossless)
            name = f"webp-{width}x{height}{'-lossless' if lossless else ''}.webp"
            yield sample(name, make, width=width, height=height)


def _sized(width: int, height: int, *, lossless: bool) -> bytes:
    return encode(picture("RGB", width, height), "WEBP", method=0, lossless=lossless)


def _metadata() -> Iterator[Sample]:
    for turn in (1, 2, 6, 8):
        yield sample(f"webp-orientation-{turn}.webp", partial(webp, exif=exif.turned(turn)), orientation=turn)
    yield sample("webp-camera.webp", partial(webp, exif=exif.camera()), **exif.CAMERA_TRUTH)
    prefixed = partial(webp, exif=b"Exif\0\0" + exif.camera())
    yield sample("webp-camera-jpeg-prefix.webp", prefixed, **exif.CAMERA_TRUTH)
    lossless = partial(webp, "RGBA", lossless=True, exif=exif.camera())
    yield sample("webp-lossless-camera.webp", lossless, **exif.CAMERA_TRUTH)
    yield sample("webp-profile.webp", lambda: webp(icc_profile=color_profile()))
    yield sample("webp-large-profile.webp", lambda: webp(icc_profile=color_profile(300_000)))
    large = partial(webp, icc_profile=color_profile(300_000), exif=exif.camera())
    yield sample("webp-large-profile-camera.webp", large, **exif.CAMERA_TRUTH)
    yield sample("webp-xmp.webp", partial(webp, xmp=XMP))


def _animations() -> Iterator[Sample]:
    def animated(mode: str, **options: Any) -> bytes:
        frames = [picture(mode).rotate(angle) for angle in (90, 180)]
        return webp(mode, save_all=True, append_images=frames, duration=40, **options)

    yield sample("webp-animated.webp", partial(animated, "RGB"), format="WEBP")
    yield sample("webp-animated-alpha.webp", partial(animated, "RGBA"), has_alpha=True)
    yield sample("webp-animated-lossless.webp", partial(animated, "RGB", lossless=True))
    yield sample("webp-animated-camera.webp", partial(animated, "RGB", exif=exif.camera()), **exif.CAMERA_TRUTH)


def _edits() -> Iterator[Sample]:
    yield sample("webp-bytes-behind-the-end.webp", lambda: webp() + b"trailing" * 500)
    yield sample("webp-unknown-chunk.webp", _unknown_chunk)


def _unknown_chunk() -> bytes:
    data = webp(exif=exif.turned(6)) + b"JUNK" + struct.pack("<I", 4) + b"junk"
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
