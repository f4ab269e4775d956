"""The vocabulary of the pipeline as data: what one function hands to the next is one of these frozen dataclasses.

`image_metadata.payload` turns them into JSON and back. `Blob` and other records that stay inside a process are named
tuples: the making of a dataclass takes a cold start a millisecond.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

from image_metadata.text import printable

_SWAPS_AXES = range(5, 9)
"""Orientations that turn the image by a quarter."""


class Blob(NamedTuple):
    """A blob, whatever its state.

    Attributes:
        account: storage account name.
        container: container name.
        name: decoded name within the container (``2026/a b.jpg``), at most 1,024 characters.
    """

    account: str
    container: str
    name: str

    @property
    def id(self) -> str:
        """``blob_id``: sha256 (64 lower-case hex digits) of the canonical JSON (RFC 8785) of the three attributes."""
        return _digest(self.account, self.container, self.name)

    def __str__(self) -> str:
        return printable(f"{self.container}/{self.name}")


@dataclass(frozen=True, slots=True)
class Upload:
    """One state of one blob: the unit of work.

    Attributes:
        account: storage account name.
        container: container name.
        name: decoded blob name within the container (``2026/a b.jpg``), at most 1,024 characters.
        etag: entity tag without quotes; the quotes, which a HEAD answer has and a listing does not, are dropped.
    """

    account: str
    container: str
    name: str
    etag: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", self.etag.strip('"'))

    @property
    def id(self) -> str:
        """``upload_id``: sha256 (64 lower-case hex digits) of the canonical JSON (RFC 8785) of the four attributes."""
        return _digest(self.account, self.container, self.name, self.etag)

    @property
    def blob(self) -> Blob:
        return Blob(self.account, self.container, self.name)

    @property
    def blob_id(self) -> str:
        return self.blob.id

    def __str__(self) -> str:
        return str(self.blob)


def _digest(*identity: str) -> str:
    canonical = json.dumps(identity, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobFacts:
    """What storage says about the blob state that was read.

    Attributes:
        size: length of the whole blob in bytes.
        uploaded_at: Last-Modified as ISO 8601 in UTC with milliseconds (``2026-11-22T06:28:51.000``).
        read_at: when this state was read, in the same form; None in payloads of releases that did not note it.
        content_type: as declared by the uploader, cut to 127 characters; None when absent.
        content_md5: base64 as storage gives it; None when storage has none (block lists without it).
        metadata: what the uploader set on the blob, as a JSON object of at most 2 KB; None when there is none, or when
            the setting STORE_BLOB_METADATA does not ask for it.
        metadata_omitted: how many keys did not fit; None without ``metadata``.
    """

    size: int
    uploaded_at: str
    read_at: str | None = None
    content_type: str | None = None
    content_md5: str | None = None
    metadata: str | None = None
    metadata_omitted: int | None = None

    @property
    def file_size_kb(self) -> float:
        """Bytes / 1024, unrounded."""
        return self.size / 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedMetadata:
    """What EXIF and its like in a file say about the photo; None where the file does not say it.

    Attributes:
        orientation: EXIF orientation 1 to 8; ``irot`` and ``imir`` expressed the same way.
        taken_at: ISO 8601 local time of the camera's clock with milliseconds, without offset.
        taken_at_offset: offset of that clock from UTC (``+02:00``).
        camera_make: at most 80 characters, like the next two.
        camera_model: see ``camera_make``.
        lens_model: see ``camera_make``.
        latitude: decimal degrees, north positive, WGS 84.
        longitude: decimal degrees, east positive.
    """

    orientation: int | None = None
    taken_at: str | None = None
    taken_at_offset: str | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    lens_model: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader(EmbeddedMetadata):
    """What the header of an image says. Nothing here needs a decoded pixel.

    Attributes:
        width: stored pixel width of the primary image: first frame or page, primary item, full canvas of an animation.
        height: stored pixel height of the same.
        format: Pillow's format name; JPEG for MPO, HEIF for HEIC. Formats that Pillow does not
            have (JXL, DNG, CR2, …) are listed in ``headers/README.md``.
        display_width: pixel width that a viewer shows. Derived from ``width``, ``height`` and ``orientation`` unless
            the container says it itself (``clap``).
        display_height: pixel height of the same.
        color_mode: Pillow's mode name of the opened image (``RGB``, ``CMYK``, ``P``, ``L``, ``I;16``).
        bit_depth: bits per channel.
        has_alpha: whether the pixels can be transparent (alpha channel, or a transparent palette entry or color).
        frame_count: frames or pages where the header says it.
    """

    width: int
    height: int
    format: str
    display_width: int = 0
    display_height: int = 0
    color_mode: str | None = None
    bit_depth: int | None = None
    has_alpha: bool | None = None
    frame_count: int | None = None

    def __post_init__(self) -> None:
        if not (self.display_width and self.display_height):
            shown = (self.height, self.width) if self.orientation in _SWAPS_AXES else (self.width, self.height)
            object.__setattr__(self, "display_width", shown[0])
            object.__setattr__(self, "display_height", shown[1])


class RejectionReason(StrEnum):
    """Why an upload will never have metadata."""

    EMPTY = "empty"
    UNSUPPORTED_FORMAT = "unsupported_format"
    CORRUPT = "corrupt"
    INVALID_DIMENSIONS = "invalid_dimensions"
    HEADER_TOO_LARGE = "header_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMetadata:
    """The upload was read and is an image.

    Attributes:
        content_type_matches: whether the declared content type agrees with the content; None when none was declared.
        extractor_version: of the extraction that read the header, which may be an older release than the one that
            stores the row; None in payloads of releases that did not count versions.
    """

    instance_id: str
    upload: Upload
    blob: BlobFacts
    image: ImageHeader
    content_type_matches: bool | None = None
    extractor_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """The upload was read and will never have metadata; a result, not an error.

    Attributes:
        detail: one sentence: what was expected, what was found.
        extractor_version: see `ImageMetadata`.
    """

    instance_id: str
    upload: Upload
    blob: BlobFacts
    reason: RejectionReason
    detail: str
    extractor_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """The blob was deleted before it was read."""

    instance_id: str
    upload: Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The blob stands for a directory of a hierarchical account, or is a tool's marker of one; it has no content."""

    instance_id: str
    upload: Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Inaccessible:
    """The blob exists but cannot be read now: archived, being rehydrated, or encrypted with a customer-provided key."""

    instance_id: str
    upload: Upload
    detail: str


Outcome: TypeAlias = ImageMetadata | Rejection | Deleted | Directory | Inaccessible
"""The result of an extraction. ``instance_id`` is the orchestration's; ``upload`` is the state that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """The result of a store.

    Attributes:
        kind: ``metadata`` or ``rejection``, the table that has the row; ``deleted`` or ``directory`` when none has.
        upload_id: key of the row.
        reason: of a rejection.
    """

    kind: Literal["metadata", "rejection", "deleted", "directory"]
    upload_id: str
    reason: RejectionReason | None = None


class FailureCode(StrEnum):
    """Why an orchestration failed."""

    INACCESSIBLE = "inaccessible"
    INVALID_PAYLOAD = "invalid_payload"
    RETRIES_EXHAUSTED = "retries_exhausted"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The result of an activity that no retry can change; ``detail`` is one sentence."""

    code: FailureCode
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStatus:
    """The custom status of an orchestration.

    Attributes:
        step: name of the activity that was called last.
        blob: ``container/name`` in printable form, at most 300 characters.
        code: why the orchestration failed; None until it has.
    """

    step: str
    blob: str
    code: FailureCode | None = None
