"""What a request to the durable HTTP API asks for, checked."""

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from functions_emulator.durable.instances import Query
from functions_emulator.errors import EmulatorError

CONTINUATION = "x-ms-continuation-token"

_DEFAULT_PAGE = 100
_MAX_ID_LENGTH = 256
_NOT_IN_ID = re.compile(r"[/\\?#\x00-\x1f\x7f-\x9f]|^@")
_STATUSES = ["Pending", "Running", "Completed", "Failed", "Terminated", "Canceled", "ContinuedAsNew", "Suspended"]


class BadRequestError(EmulatorError):
    """The request cannot be understood; the message says why."""


def check_instance_id(instance_id: str) -> None:
    """Raises BadRequestError for an id that the extension refuses."""
    if not instance_id or len(instance_id) > _MAX_ID_LENGTH or _NOT_IN_ID.search(instance_id):
        raise BadRequestError(
            f"Instance IDs must have 1 to {_MAX_ID_LENGTH} characters, must not begin with '@' and must not contain "
            "'/', '\\', '?', '#' or control characters."
        )


async def input_value(request: web.Request) -> Any:
    """The body's JSON value, None for no body; raises BadRequestError."""
    text = await request.text()
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise BadRequestError(f"The request body is not JSON: {error}.") from error


def flag(request: web.Request, name: str, *, default: bool = False) -> bool:
    return request.query.get(name, str(default)).lower() == "true"


def page_size(request: web.Request) -> int:
    text = request.query.get("top", str(_DEFAULT_PAGE))
    if not (text.isascii() and text.isdigit() and int(text)):
        raise BadRequestError("Expected a whole number from 1 in 'top'.")
    return int(text)


def query(request: web.Request) -> Query:
    """Which instances; raises BadRequestError."""
    statuses = frozenset(filter(None, request.query.get("runtimeStatus", "").split(",")))
    if unknown := statuses.difference(_STATUSES):
        raise BadRequestError(
            f"Expected {', '.join(_STATUSES)} in 'runtimeStatus', found {', '.join(sorted(unknown))}."
        )
    return Query(
        _time(request, "createdTimeFrom"),
        _time(request, "createdTimeTo"),
        statuses,
        request.query.get("instanceIdPrefix", ""),
    )


def continuation_token(instance_id: str) -> str:
    """The token of a page that ends with this instance."""
    return base64.b64encode(instance_id.encode()).decode()


def last_of_previous_page(request: web.Request) -> str:
    """The instance after which the page begins, "" for the first page; raises BadRequestError."""
    try:
        return base64.b64decode(request.headers.get(CONTINUATION, ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise BadRequestError(f"Expected the {CONTINUATION} of an earlier answer.") from error


def _time(request: web.Request, name: str) -> datetime | None:
    text = request.query.get(name)
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequestError(f"Expected a time in ISO 8601 in '{name}'.") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
