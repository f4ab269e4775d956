"""Which source wins where EXIF, XMP, IPTC and PNG text say different things: the Metadata Working Group's order.

(Guidelines for Handling Image Metadata, version 2.0, chapter 3.) ``headers/README.md`` tells the rule to users.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from image_metadata.headers.embedded.coordinates import Place
from image_metadata.headers.embedded.timestamps import Timestamp


class Rank(IntEnum):
    """Where a source stands in the order; the lower one wins."""

    EXIF = 0
    EDITED_IPTC = 1
    """IPTC that a program without knowledge of XMP changed afterwards, as a digest beside it proves."""
    XMP = 2
    IPTC = 3
    TEXT = 4


class Camera(NamedTuple):
    """Make and model belong together: both are taken from the same source."""

    make: str | None = None
    model: str | None = None


_UNKNOWN_CAMERA = Camera()


class Source(NamedTuple):
    """What one source says; None where it does not say it.

    Attributes:
        original: when the photo was taken.
        digitized: when it was digitized; for a digital camera the same.
        modified: when the file was changed.
        has_camera_date: whether there is an original or digitized date, if only an unreadable one.
    """

    rank: Rank
    orientation: int | None = None
    original: Timestamp | None = None
    digitized: Timestamp | None = None
    modified: Timestamp | None = None
    has_camera_date: bool = False
    camera: Camera = _UNKNOWN_CAMERA
    lens_model: str | None = None
    place: Place | None = None


def header_fields(*sources: Source | None) -> dict[str, Any]:
    """One answer from the sources as arguments of ``ImageHeader``; None is a source that the file lacks.

    What belongs together (date and offset, make and model, latitude and longitude) comes from one source.
    """
    ordered = sorted(filter(None, sources), key=lambda source: source.rank)
    if not ordered:
        return {}
    orientation, camera, lens_model, place = None, _UNKNOWN_CAMERA, None, None
    for source in ordered:
        orientation = orientation or source.orientation
        lens_model = lens_model or source.lens_model
        place = place or source.place
        # A model with its make comes before a make alone.
        if not camera.model and (source.camera.model or not camera.make):
            camera = source.camera
    taken = _taken(ordered)
    latitude, longitude = place or (None, None)
    return {
        "orientation": orientation,
        "taken_at": taken.local if taken else None,
        "taken_at_offset": taken.offset if taken else None,
        "camera_make": camera.make,
        "camera_model": camera.model,
        "lens_model": lens_model,
        "latitude": latitude,
        "longitude": longitude,
    }


def missing_fields(exif: Sequence[Source]) -> list[str]:
    """The fields of `Source` that XMP or IPTC can still fill in beside these."""
    dates = (date for source in exif for date in (source.original, source.digitized) if date)
    first = next(dates, None)
    answered = {
        "orientation": any(source.orientation for source in exif),
        "original": first is not None and not first.is_day,
        "camera": any(source.camera.model for source in exif),
        "lens_model": any(source.lens_model for source in exif),
        "place": any(source.place for source in exif),
    }
    return [name for name, is_answered in answered.items() if not is_answered]


def _taken(ordered: Sequence[Source]) -> Timestamp | None:
    """The first date with a time; behind one that gives the day alone, the first on the same day."""
    day = ""
    for date in filter(None, _dates(ordered)):
        if date.is_day:
            day = day or date.local
        elif date.local.startswith(day):
            return date
    return None


def _dates(ordered: Sequence[Source]) -> Iterator[Timestamp | None]:
    """EXIF's camera dates; then the others', original before digitized; a change of the file only without any."""
    for source in ordered:
        if source.rank is Rank.EXIF:
            yield source.original
            yield source.digitized
    others = [source for source in ordered if source.rank is not Rank.EXIF]
    yield from (source.original for source in others)
    yield from (source.digitized for source in others)
    if not any(source.has_camera_date for source in ordered):
        yield from (source.modified for source in ordered)
