"""JPEG files (ITU-T T.81), and MPO, which a phone calls JPEG."""

import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.corpus import exif
from tests.corpus.sample import XMP, Sample, color_profile, encode, picture, sample

_SOI = b"\xff\xd8"
_APP1, _APP13, _COMMENT = 0xE1, 0xED, 0xFE


def samples() -> Iterator[Sample]:
    yield from _codings()
    yield from _orientations()
    yield from _exif_blocks()
    yield from _segments()
    yield from _edits()
    yield from _sizes()


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    return encode(picture(mode), "JPEG", **options)


def with_exif(block: bytes, **options: Any) -> bytes:
    return jpeg(exif=b"Exif\0\0" + block, **options)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def insert(data: bytes, *segments: bytes) -> bytes:
    """Put segments right behind the start of the image, before everything else."""
    return _SOI + b"".join(segments) + data[len(_SOI) :]


def _codings() -> Iterator[Sample]:
    plain = {"format": "JPEG", "bit_depth": 8, "has_alpha": False}
    yield sample("jpeg-baseline.jpg", jpeg, color_mode="RGB", **plain)
    yield sample("jpeg-progressive.jpg", partial(jpeg, progressive=True), **plain)
    yield sample("jpeg-gray.jpg", partial(jpeg, "L"), color_mode="L", **plain)
    yield sample("jpeg-gray-progressive.jpg", partial(jpeg, "L", progressive=True), **plain)
    yield sample("jpeg-cmyk.jpg", partial(jpeg, "CMYK"), color_mode="CMYK", **plain)
    yield sample("jpeg-cmyk-progressive.jpg", partial(jpeg, "CMYK", progressive=True), **plain)
    yield sample("jpeg-rgb-not-ycc.jpg", partial(jpeg, keep_rgb=True), **plain)
    yield sample("jpeg-optimized.jpg", partial(jpeg, optimize=True), **plain)
    yield sample("jpeg-restart-blocks.jpg", partial(jpeg, restart_marker_blocks=1), **plain)
    yield sample("jpeg-restart-rows.jpg", partial(jpeg, restart_marker_rows=1), **plain)
    for name, code in {"444": 0, "422": 1, "420": 2}.items():
        yield sample(f"jpeg-subsampling-{name}.jpg", partial(jpeg, subsampling=code), **plain)
    for quality in (1, 100):
        yield sample(f"jpeg-quality-{quality}.jpg", partial(jpeg, quality=quality), **plain)


def _orientations() -> Iterator[Sample]:
    for turn in range(1, 9):
        make = partial(lambda turn: with_exif(exif.turned(turn)), turn)
        yield sample(f"jpeg-orientation-{turn}.jpg", make, orientation=turn)
    yield sample("jpeg-orientation-6-big-endian.jpg", lambda: with_exif(exif.turned(6, ">")), orientation=6)
    yield sample("jpeg-orientation-9-is-none.jpg", lambda: with_exif(exif.turned(9)), orientation=None)


def _exif_blocks() -> Iterator[Sample]:
    yield sample("jpeg-camera.jpg", lambda: with_exif(exif.camera()), **exif.CAMERA_TRUTH)
    yield sample("jpeg-camera-big-endian.jpg", lambda: with_exif(exif.camera(">")), **exif.CAMERA_TRUTH)
    yield sample("jpeg-camera-progressive.jpg", lambda: with_exif(exif.camera(), progressive=True), **exif.CAMERA_TRUTH)
    yield sample("jpeg-camera-thumbnail.jpg", lambda: with_exif(exif.with_thumbnail()), **exif.CAMERA_TRUTH)
    note = partial(with_exif, exif.with_maker_note(60_000))
    yield sample("jpeg-maker-note.jpg", note, camera_model="KX-100", taken_at="2023-12-31T23:59:58.000")
    yield sample("jpeg-date-never-set.jpg", lambda: with_exif(exif.without_a_date()), taken_at=None)
    yield sample("jpeg-padded-make.jpg", lambda: with_exif(exif.padded()), camera_make="Kodalux", camera_model="KX-100")
    yield sample("jpeg-located.jpg", lambda: with_exif(exif.located()), **exif.LOCATED_TRUTH)
    yield sample("jpeg-exif-empty.jpg", lambda: insert(jpeg(), segment(_APP1, b"Exif\0\0")), orientation=None)


def _segments() -> Iterator[Sample]:
    yield sample("jpeg-profile.jpg", lambda: jpeg(icc_profile=color_profile()))
    yield sample("jpeg-large-profile.jpg", lambda: jpeg(icc_profile=color_profile(600_000)))
    large = partial(with_exif, exif.camera(), icc_profile=color_profile(600_000))
    yield sample("jpeg-large-profile-camera.jpg", large, **exif.CAMERA_TRUTH)
    yield sample("jpeg-xmp.jpg", lambda: jpeg(xmp=XMP))
    yield sample("jpeg-many-xmp.jpg", _extended_xmp)
    yield sample("jpeg-comment.jpg", lambda: jpeg(comment=b"hello"))
    yield sample("jpeg-long-comments.jpg", lambda: insert(jpeg(), *[segment(_COMMENT, b"x" * 65_000)] * 4))
    resources = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0"
    yield sample("jpeg-photoshop.jpg", lambda: insert(jpeg(), segment(_APP13, resources)))
    before = segment(_APP1, b"Exif\0\0" + exif.camera())
    yield sample("jpeg-exif-before-jfif.jpg", lambda: insert(jpeg(), before), **exif.CAMERA_TRUTH)
    yield sample("jpeg-everything.jpg", _everything, **exif.CAMERA_TRUTH)


def _extended_xmp() -> bytes:
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32
    parts = [head + struct.pack(">II", 300_000, index * 60_000) + b" " * 60_000 for index in range(5)]
    return insert(jpeg(xmp=XMP), *[segment(_APP1, part) for part in parts])


def _everything() -> bytes:
    options = {"icc_profile": color_profile(70_000), "xmp": XMP, "comment": b"hello", "progressive": True}
    return with_exif(exif.with_thumbnail(), **options)


def _edits() -> Iterator[Sample]:
    yield sample("jpeg-fill-bytes.jpg", lambda: jpeg().replace(b"\xff\xc0", b"\xff\xff\xff\xc0", 1))
    yield sample("jpeg-extended-sequential.jpg", lambda: jpeg().replace(b"\xff\xc0", b"\xff\xc1", 1))
    yield sample("jpeg-bytes-behind-the-end.jpg", lambda: jpeg() + b"\0trailing" * 500)
    yield sample("jpeg-mpo.jpg", _mpo, format="JPEG")
    yield sample("jpeg-mpo-camera.mpo", partial(_mpo, exif.camera()), format="JPEG", **exif.CAMERA_TRUTH)


def _mpo(block: bytes = b"") -> bytes:
    second = picture("RGB", 32, 24)
    options = {"exif": b"Exif\0\0" + block} if block else {}
    return encode(picture(), "MPO", save_all=True, append_images=[second], **options)


def _sizes() -> Iterator[Sample]:
    for width, height in ((1, 1), (1, 65_500), (65_500, 1), (4096, 16)):
        make = partial(lambda width, height: encode(picture("L", width, height), "JPEG"), width, height)
        yield sample(f"jpeg-{width}x{height}.jpg", make, width=width, height=height)
