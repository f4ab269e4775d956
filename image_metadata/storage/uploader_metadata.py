"""The metadata that an uploader set on a blob, as JSON text that fits a payload and its column."""

import json
from collections.abc import Mapping
from urllib.parse import quote

_LIMIT = 2048
_LIMIT_WITH_NAME = 10 * 1024


def as_json(metadata: Mapping[str, str] | None, blob_name: str) -> tuple[str | None, int | None]:
    """The JSON object, and how many keys were left out; None and None when the uploader set none.

    Whole keys are left out beyond 2 KB, percent-encoded as in a payload; fewer for a name that fills the payload by
    itself (683 characters of emoji, for instance). Keys are taken in alphabetical order.
    """
    if not metadata:
        return None, None
    limit = min(_LIMIT, _LIMIT_WITH_NAME - _encoded_size(blob_name))
    kept: dict[str, str] = {}
    for key in sorted(metadata):
        candidate = {**kept, key: metadata[key]}
        if _encoded_size(_dumped(candidate)) <= limit:
            kept = candidate
    return _dumped(kept), len(metadata) - len(kept)


def _dumped(metadata: Mapping[str, str]) -> str:
    return json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))


def _encoded_size(text: str) -> int:
    return len(quote(text, safe="", errors="replace"))
