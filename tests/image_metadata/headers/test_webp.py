"""WebP: the first chunk, and metadata after the pixels if that chunk announces it."""

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


def test_exif_after_the_pixels_costs_one_request_if_the_first_chunk_announces_it():
    pixels = (b"VP8 ", bytes(300 * KIBIBYTE))
    announced = CountedFile(riff(extended(0x08), pixels, (b"EXIF", exif.turned(6))))
    header = announced.header("a.webp")
    assert (header.width, header.display_width, header.orientation) == (WIDTH, HEIGHT, 6)
    assert announced.requests == 2
    unannounced = CountedFile(riff(extended(0), pixels, (b"EXIF", exif.turned(6))))
    assert unannounced.header("a.webp").orientation is None
    assert unannounced.requests == 1


def test_frames_are_counted_if_the_whole_file_is_already_fetched():
    frames = [(b"ANMF", bytes(100))] * 3
    assert read(riff(extended(0x02), *frames)).frame_count == 3
    assert read(riff(extended(0x02), *frames, (b"ANMF", bytes(99_999)))).frame_count is None


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L"])
def test_a_damaged_bitstream_header_is_corrupt(kind):
    assert reason(riff((kind, bytes(40)))) == RejectionReason.CORRUPT


def test_alpha_is_read_from_lossy_and_lossless_files():
    for options in ({"lossless": True}, {"lossless": False}):
        assert read(webp.webp("RGBA", **options)).has_alpha


PIXELS = (b"VP8 ", bytes(300 * KIBIBYTE))
PACKET = (b"XMP ", editors.xmp(editors.XMP_PROPERTIES))
CAMERA = (b"EXIF", exif.camera())


def test_xmp_after_the_pixels_costs_one_request_if_the_first_chunk_announces_it():
    measured = CountedFile(riff(extended(0x04), PIXELS, PACKET))
    header = measured.header("a.webp")
    assert {name: getattr(header, name) for name in editors.XMP_TRUTH} == editors.XMP_TRUTH
    assert measured.requests == 2
    assert read(riff(extended(0), PIXELS, PACKET)).taken_at is None


def test_all_chunks_are_read_if_the_whole_file_is_already_fetched():
    header = read(riff(extended(0), (b"VP8 ", bytes(100)), PACKET, CAMERA))
    assert (header.taken_at, header.latitude) == (exif.CAMERA_TRUTH["taken_at"], editors.XMP_TRUTH["latitude"])


def test_a_packet_that_costs_a_request_is_read_only_if_exif_has_no_camera_date():
    packet = (b"XMP ", editors.xmp(editors.XMP_PROPERTIES, padding=50_000))
    with_date = CountedFile(riff(extended(0x0C), PIXELS, CAMERA, packet))
    without = CountedFile(riff(extended(0x0C), PIXELS, (b"EXIF", exif.turned(6)), packet))
    assert with_date.header("a.webp").taken_at == exif.CAMERA_TRUTH["taken_at"]
    assert without.header("a.webp").taken_at == editors.XMP_TRUTH["taken_at"]
    assert without.requests == with_date.requests + 1


def test_chunks_are_read_up_to_a_limit():
    announced, filler = extended(0x08), (b"JUNK", bytes(50_000))
    camera = read(riff(announced, *[filler] * (MOST_CHUNKS - 2), CAMERA)).camera_model
    assert (camera, read(riff(announced, *[filler] * MOST_CHUNKS, CAMERA)).camera_model) == ("KX-100", None)
    frames = [(b"ANMF", b"")] * (MOST_HELD_CHUNKS // 2)
    assert read(riff(extended(0x02), *frames)).frame_count == MOST_HELD_CHUNKS // 2
