"""GIF: the screen and the first image, and the blocks between them."""

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.gif import MOST_BLOCKS
from image_metadata.model import RejectionReason
from tests.corpus import editors, gif
from tests.corpus.reading import CountedFile
from tests.corpus.sample import WIDTH

KIBIBYTE = 1024


def read(data):
    return CountedFile(data).header("a.gif")


def reason(data):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data)
    return caught.value.reason


def blocks(size):
    return b"!\xfe" + b"\xff".join([b"", *[bytes(255)] * (size // 256)]) + b"\0"


def test_a_long_comment_is_read_through_in_growing_requests():
    data = gif.gif("P")
    palette_end = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    measured = CountedFile(data[:palette_end] + blocks(400 * KIBIBYTE) + data[palette_end:])
    assert measured.header("a.gif").width == WIDTH
    assert measured.requests <= 7


@pytest.mark.parametrize("data", [b"GIF89a" + bytes(7), b"GIF89a\1\0\1\0\0\0\0;", b"GIF89a\1\0\1\0\0\0\0!\xff\xff"])
def test_a_gif_without_an_image_is_corrupt(data):
    assert reason(data) == RejectionReason.CORRUPT


def with_extension(extension):
    data = gif.gif("P")
    color_table_end = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return data[:color_table_end] + extension + data[color_table_end:]


def test_xmp_before_the_first_image_is_read():
    header = read(with_extension(gif.xmp_extension(editors.xmp(editors.XMP_PROPERTIES))))
    assert {name: getattr(header, name) for name in editors.XMP_TRUTH} == editors.XMP_TRUTH


@pytest.mark.parametrize("packet", [b"", b"<", b"<a>" * 10_000])
def test_a_damaged_packet_does_not_reject_the_image(packet):
    assert read(with_extension(gif.xmp_extension(packet))).width == WIDTH


def test_a_gif_that_ends_within_its_packet_is_corrupt():
    data = with_extension(gif.xmp_extension(editors.xmp(editors.XMP_PROPERTIES)))
    assert reason(data[: data.index(b"XMP DataXMP") + 100]) == RejectionReason.CORRUPT


def test_blocks_are_read_up_to_a_limit():
    empty = b"!\xfe\x00"
    # Each takes two steps, the image one.
    assert read(with_extension(empty * ((MOST_BLOCKS - 2) // 2))).width == WIDTH
    assert reason(with_extension(empty * MOST_BLOCKS)) == RejectionReason.HEADER_TOO_LARGE
