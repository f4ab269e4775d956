"""EXIF blocks: what cameras write, and the shapes that break readers. Tag numbers: CIPA DC-008."""

from tests.corpus.sample import encode, picture
from tests.corpus.tiff_writer import Directory, ascii_, byte, child, long, offsets, rational, short, tiff, undefined

MAKE, MODEL, ORIENTATION, DATE_TIME, EXIF_IFD, GPS_IFD = 0x010F, 0x0110, 0x0112, 0x0132, 0x8769, 0x8825
TAKEN, DIGITIZED, OFFSET_TAKEN, FRACTION_TAKEN, LENS, MAKER_NOTE = 0x9003, 0x9004, 0x9011, 0x9291, 0xA434, 0x927C
THUMBNAIL, THUMBNAIL_LENGTH, COMPRESSION = 0x0201, 0x0202, 0x0103

CAMERA: Directory = {
    MAKE: ascii_("Kodalux"),
    MODEL: ascii_("KX-100"),
    ORIENTATION: short(1),
    DATE_TIME: ascii_("2024:02:03 04:05:06"),
    EXIF_IFD: child(
        {
            TAKEN: ascii_("2023:12:31 23:59:58"),
            DIGITIZED: ascii_("2024:01:01 00:00:01"),
            OFFSET_TAKEN: ascii_("+02:00"),
            FRACTION_TAKEN: ascii_("125"),
            LENS: ascii_("KX 35mm F2"),
        }
    ),
}
CAMERA_TRUTH = {
    "camera_make": "Kodalux",
    "camera_model": "KX-100",
    "lens_model": "KX 35mm F2",
    "orientation": 1,
    "taken_at": "2023-12-31T23:59:58.125",
    "taken_at_offset": "+02:00",
}

GPS: Directory = {
    0: byte(2, 3, 0, 0),
    1: ascii_("S"),
    2: rational((33, 1), (51, 1), (3540, 100)),
    3: ascii_("E"),
    4: rational((151, 1), (12, 1), (4000, 100)),
}
LOCATED_TRUTH = {**CAMERA_TRUTH, "latitude": -(33 + (51 + 35.4 / 60) / 60), "longitude": 151 + (12 + 40 / 60) / 60}


def camera(order: str = "<", orientation: int = 1) -> bytes:
    return tiff({**CAMERA, ORIENTATION: short(orientation)}, order=order, directory_first=True)


def turned(orientation: int, order: str = "<") -> bytes:
    return tiff({ORIENTATION: short(orientation)}, order=order)


def located() -> bytes:
    return tiff({**CAMERA, GPS_IFD: child(GPS)}, directory_first=True)


def with_thumbnail() -> bytes:
    """The thumbnail is a whole JPEG file of another size, as cameras put it into the second directory."""
    small = encode(picture("RGB", 16, 12), "JPEG")
    second = {COMPRESSION: short(6), THUMBNAIL: offsets(small), THUMBNAIL_LENGTH: long(len(small))}
    return tiff(CAMERA, second, directory_first=True)


def with_maker_note(size: int) -> bytes:
    note = child({TAKEN: ascii_("2023:12:31 23:59:58"), MAKER_NOTE: undefined(bytes(size))})
    return tiff({MODEL: ascii_("KX-100"), EXIF_IFD: note}, directory_first=True)


def without_a_date() -> bytes:
    """The camera's clock was never set."""
    return tiff({EXIF_IFD: child({TAKEN: ascii_("0000:00:00 00:00:00")})})


def padded() -> bytes:
    """Make and model filled up with spaces and zeros, as many cameras do."""
    return tiff({MAKE: ascii_("Kodalux   \0\0\0"), MODEL: ascii_("KX-100 \0")})
