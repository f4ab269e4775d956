"""Image sequences: the canvas and the frames of a track of pictures."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.isobmff.heif import read
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader, RejectionReason
from tests.corpus import exif
from tests.corpus.avif import avif
from tests.corpus.isobmff import Item, box, container, exif_item, full_box, size
from tests.corpus.reading import CountedFile
from tests.corpus.sample import picture


def header(data: bytes) -> ImageHeader:
    return read(HeaderReader(CountedFile(data).fetch, len(data)))


@pytest.fixture(scope="module", params=["RGB", "RGBA", "L"])
def animation(request):
    frames = [picture(request.param).rotate(angle) for angle in (90, 180)]
    return avif(request.param, save_all=True, append_images=frames, duration=40)


def test_an_animation_agrees_with_pillow(animation):
    found = header(animation)
    with Image.open(BytesIO(animation)) as image:
        told = (image.width, image.height, image.mode, image.n_frames)
    assert (found.width, found.height, found.color_mode, found.frame_count) == told


def test_a_track_suffices_without_a_primary_item(animation):
    assert header(animation.replace(b"meta", b"free", 1)) == header(animation)


def track(
    kind: bytes = b"hvc1",
    handler: bytes = b"pict",
    counts: bytes = b"",
    shown: tuple[int, int] = (0, 0),
    references: bytes = b"",
) -> bytes:
    """A track of samples of 320 by 200 pixels."""
    entry = box(kind, bytes(24), struct.pack(">HH", 320, 200), bytes(50), box(b"hvcC", bytes(17), b"\2\2", bytes(4)))
    table = box(b"stbl", full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry), counts)
    media = box(b"mdia", full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(13)), box(b"minf", table))
    sides = struct.pack(">II", shown[0] << 16, shown[1] << 16)
    return box(b"trak", full_box(b"tkhd", 0, 7, bytes(72), sides), references, media)


def sequence(*tracks: bytes, brand: bytes = b"hevc") -> bytes:
    return box(b"ftyp", brand, bytes(4), b"msf1", brand) + box(b"moov", *tracks)


def test_the_samples_give_the_size_where_the_track_header_has_none():
    found = header(sequence(track()))
    assert (found.format, found.width, found.height, found.bit_depth) == ("HEIF", 320, 200, 10)


def test_the_track_header_gives_the_size_of_the_canvas():
    found = header(sequence(track(shown=(640, 400))))
    assert (found.width, found.height) == (640, 400)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (full_box(b"stsz", 0, 0, struct.pack(">II", 0, 90)), 90),
        (full_box(b"stz2", 0, 0, bytes(3), b"\x10", struct.pack(">I", 7)), 7),
        (full_box(b"stsz", 0, 0, bytes(8)), None),
        (b"", None),
    ],
    ids=["sizes", "compact-sizes", "fragments", "nothing"],
)
def test_the_samples_are_the_frames_where_the_header_counts_them(counts, expected):
    assert header(sequence(track(counts=counts))).frame_count == expected


def test_a_sound_track_before_the_images_is_skipped():
    assert header(sequence(track(b"mp4a", b"soun"), track(b"av01"), brand=b"avis")).format == "AVIF"


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["first", "last"])
@pytest.mark.parametrize("handler", [b"auxv", b"pict"])
def test_an_auxiliary_track_is_alpha(handler, order):
    opacity = track(b"av01", handler, references=box(b"tref", box(b"auxl", struct.pack(">I", 1))), shown=(7, 5))
    found = header(sequence(*[track(b"av01"), opacity][order], brand=b"avis"))
    assert (found.width, found.has_alpha) == (320, True)


def test_a_file_with_only_sound_is_corrupt():
    with pytest.raises(HeaderRejectedError) as rejected:
        header(sequence(track(b"mp4a", b"soun")))
    assert rejected.value.reason == RejectionReason.CORRUPT


def test_a_heif_sequence_has_the_size_of_its_primary_item_and_the_frames_of_its_track():
    still = container([Item(b"hvc1", b"pixels", (size(61, 37),))], brand=b"hevc")
    counts = full_box(b"stsz", 0, 0, struct.pack(">II", 0, 90))
    found = header(still + box(b"moov", track(counts=counts)))
    assert (found.width, found.height, found.frame_count) == (61, 37, 90)


def test_a_track_of_a_still_image_is_ignored():
    still = container([Item(b"hvc1", b"pixels", (size(61, 37),))])
    start = still.index(b"meta") - 4
    found = header(still[:start] + box(b"moov", track()) + still[start:])
    assert (found.width, found.frame_count) == (61, 1)


def test_an_animation_has_the_exif_of_its_primary_item_but_not_its_orientation():
    described = [Item(b"av01", b"pixels", (size(320, 200),)), exif_item(exif.camera(orientation=6), of=1)]
    found = header(container(described, brand=b"avis") + box(b"moov", track(b"av01")))
    assert (found.camera_make, found.orientation, found.display_width) == ("Kodalux", 1, 320)
