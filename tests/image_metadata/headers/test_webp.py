"""WebP: the first chunk, and metadata behind the pixels where that chunk promises it."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.webp import MOST_CHUNKS, MOST_HELD_CHUNKS
from image_metadata.model import RejectionReason
from tests.corpus import editors, exif, webp
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH

KIBIBYTE = 1024


def read(data):
    return CountedFile(data).header("a.webp")


def reason(data):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data)
    return caught.value.reason


def riff(*chunks):
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(flags):
    return b"VP8X", bytes([flags, 0, 0, 0]) + (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(3, "little")


def test_exif_behind_the_pixels_of_a_webp_costs_one_request_where_it_is_promised():
    pixels = (b"VP8 ", bytes(300 * KIBIBYTE))
    promised = CountedFile(riff(extended(0x08), pixels, (b"EXIF", exif.turned(6))))
    header = promised.header("a.webp")
    assert (header.width, header.display_width, header.orientation) == (WIDTH, HEIGHT, 6)
    assert promised.requests == 2
    silent = CountedFile(riff(extended(0), pixels, (b"EXIF", exif.turned(6))))
    assert silent.header("a.webp").orientation is None
    assert silent.requests == 1


def test_frames_of_a_webp_are_counted_where_that_is_free():
    frames = [(b"ANMF", bytes(100))] * 3
    assert read(riff(extended(0x02), *frames)).frame_count == 3
    assert read(riff(extended(0x02), *frames, (b"ANMF", bytes(99_999)))).frame_count is None


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L"])
def test_a_webp_of_damaged_pixels_is_corrupt(kind):
    assert reason(riff((kind, bytes(40)))) == RejectionReason.CORRUPT


def test_a_webp_of_either_coding_says_its_size():
    for options in ({"lossless": True}, {"lossless": False}):
        assert read(webp.webp("RGBA", **options)).has_alpha


PIXELS = (b"VP8 ", bytes(300 * KIBIBYTE))
PACKET = (b"XMP ", editors.xmp(editors.XMP_PROPERTIES))
CAMERA = (b"EXIF", exif.camera())


def test_xmp_behind_the_pixels_costs_one_request_where_it_is_promised():
    measured = CountedFile(riff(extended(0x04), PIXELS, PACKET))
    header = measured.header("a.webp")
    assert {name: getattr(header, name) for name in editors.XMP_TRUTH} == editors.XMP_TRUTH
    assert measured.requests == 2
    assert read(riff(extended(0), PIXELS, PACKET)).taken_at is None


def test_all_chunks_of_a_file_that_is_held_are_read():
    header = read(riff(extended(0), (b"VP8 ", bytes(100)), PACKET, CAMERA))
    assert (header.taken_at, header.latitude) == (exif.CAMERA_TRUTH["taken_at"], editors.XMP_TRUTH["latitude"])


def test_a_packet_that_costs_a_request_is_read_only_for_want_of_a_camera_date():
    packet = (b"XMP ", editors.xmp(editors.XMP_PROPERTIES, padding=50_000))
    with_date = CountedFile(riff(extended(0x0C), PIXELS, CAMERA, packet))
    without = CountedFile(riff(extended(0x0C), PIXELS, (b"EXIF", exif.turned(6)), packet))
    assert with_date.header("a.webp").taken_at == exif.CAMERA_TRUTH["taken_at"]
    assert without.header("a.webp").taken_at == editors.XMP_TRUTH["taken_at"]
    assert without.requests == with_date.requests + 1


def test_chunks_are_walked_up_to_their_bound():
    promised, filler = extended(0x08), (b"JUNK", bytes(50_000))
    camera = read(riff(promised, *[filler] * (MOST_CHUNKS - 2), CAMERA)).camera_model
    assert (camera, read(riff(promised, *[filler] * MOST_CHUNKS, CAMERA)).camera_model) == ("KX-100", None)
    frames = [(b"ANMF", b"")] * (MOST_HELD_CHUNKS // 2)
    assert read(riff(extended(0x02), *frames)).frame_count == MOST_HELD_CHUNKS // 2
