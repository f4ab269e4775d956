"""The one codec between the dataclasses of `image_metadata.model` and the JSON that Durable Functions stores.

Every text in a payload is percent-encoded: the Functions host removes whatever looks like a secret (``?sig=``,
``Password=``) from the messages that payloads travel in, and a blob may have such a name.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar, cast, get_args
from urllib.parse import quote, unquote

from image_metadata.errors import PayloadError
from image_metadata.model import (
    Deleted,
    Directory,
    Failure,
    FailureCode,
    ImageMetadata,
    Inaccessible,
    Outcome,
    Rejection,
    Upload,
)
from image_metadata.text import printable

Payload: TypeAlias = dict[str, Any]
"""A JSON object."""


_KINDS: dict[type[Any], str] = {
    ImageMetadata: "metadata",
    Rejection: "rejection",
    Deleted: "deleted",
    Directory: "directory",
    Inaccessible: "inaccessible",
    Failure: "failure",
}
_OUTCOMES = {_KINDS[outcome]: outcome for outcome in get_args(Outcome)}

_CODES = {code.value: code for code in FailureCode}

# What releases up to 1.0 wrote; durable histories keep it for weeks.
_EARLIER_KINDS = {"gone": "deleted", "unreadable": "inaccessible"}

_RecordT = TypeVar("_RecordT")


def encode(record: Any) -> Payload:
    """The payload of a dataclass of the model; outcomes and failures say in ``kind`` which they are.

    It stays under 16 KB for every blob name.
    """
    kind = _KINDS.get(type(record))
    payload: Payload = _encoded(record)
    return {"kind": kind, **payload} if kind else payload


def decode(record: type[_RecordT], payload: Any) -> _RecordT:
    """Rebuild a dataclass of the model.

    Unknown keys are ignored, so that two versions of the app can run side by side during a deployment.

    Raises:
        PayloadError: `encode` did not make the payload of such a record.
    """
    try:
        known = {
            field.name: _decoded(field.type, payload[field.name])
            for field in fields(record)  # type: ignore[arg-type]  # every record is a dataclass
            if field.name in payload
        }
        return record(**known)
    except (AttributeError, TypeError, ValueError) as error:
        raise PayloadError(
            f"expected the payload of {record.__name__}, found {_found_instead(record, payload)}; "
            "start the orchestration with imagectl backfill"
        ) from error


def decode_upload(payload: Any) -> Upload:
    """Rebuild the input of an orchestration; raises PayloadError as `decode` does."""
    return decode(Upload, payload)


def decode_outcome(payload: Any) -> Outcome:
    """Rebuild the result of an extraction.

    Raises:
        PayloadError: the payload is not that of an outcome.
    """
    kind = kind_of(payload)
    outcome = _OUTCOMES.get(kind or "")
    if outcome is None:
        found = "no kind" if kind is None else f"the kind {printable(kind)}"
        raise PayloadError(f"expected an outcome of ExtractMetadata, found {found}; pass its result on unchanged")
    return cast("Outcome", decode(outcome, payload))


def kind_of(payload: Any) -> str | None:
    """The kind of a payload in today's words; None when it has none."""
    kind = payload.get("kind") if isinstance(payload, Mapping) else None
    return _EARLIER_KINDS.get(kind, kind) if isinstance(kind, str) else None


def code_of(payload: Any) -> FailureCode | None:
    """The code of a failure or of a custom status; None when it has none that this version knows."""
    return _CODES.get(text_of(payload, "code"))


def text_of(payload: Any, *path: str) -> str:
    """One decoded text of a payload, without decoding the rest; empty when it is absent."""
    for key in path:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return unquote(payload, errors="replace") if isinstance(payload, str) else ""


def _encoded(value: Any) -> Any:
    if isinstance(value, str):
        return quote(value, safe="", errors="surrogatepass")
    if is_dataclass(value):
        present = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _encoded(item) for name, item in present.items() if item is not None}
    return value


def _decoded(declared: Any, value: Any) -> Any:
    if is_dataclass(declared):
        return decode(cast("type[Any]", declared), value)
    if isinstance(value, str):
        text = unquote(value, errors="surrogatepass")
        enumeration = next((each for each in (declared, *get_args(declared)) if _is_enumeration(each)), None)
        return enumeration(text) if enumeration else text
    if declared is str:
        raise TypeError
    return value


def _found_instead(record: type[Any], payload: Any) -> str:
    """Which key is missing or has the wrong type; no value, which may be anything."""
    if not isinstance(payload, Mapping):
        return f"the type {type(payload).__name__}"
    for field in fields(record):
        if field.name in payload:
            try:
                _decoded(field.type, payload[field.name])
            except (TypeError, ValueError):
                return f"an unexpected value of {field.name}"
        elif field.default is MISSING:
            return f"no {field.name}"
    return "values that contradict each other"


def _is_enumeration(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, StrEnum)
