"""The durable HTTP API, as far as the app and its tools use it; everything else answers 501 and names itself."""

import base64
import binascii
import heapq
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from functions_emulator.durable.engine import Engine, InstanceLiveError
from functions_emulator.durable.instance_status import instance_json
from functions_emulator.durable.instances import Instance, Query
from functions_emulator.durable.urls import RPC, WEBHOOKS, management_urls, starter
from functions_emulator.errors import EmulatorError

_PAGE = 100
_CONTINUATION = "x-ms-continuation-token"
_LONGEST_ID = 256
_NOT_IN_ID = re.compile(r"[/\\?#\x00-\x1f\x7f-\x9f]|^@")
_STATUSES = ["Pending", "Running", "Completed", "Failed", "Terminated", "Canceled", "ContinuedAsNew", "Suspended"]


class _BadRequestError(EmulatorError):
    """The request cannot be understood; the message says why."""


@dataclass(frozen=True)
class Observation:
    """What one invocation does through its ``durableClient``.

    Attributes:
        starter: what its binding receives.
        instance_ids: the instances that it has started or looked at so far.
    """

    starter: str
    instance_ids: set[str] = field(default_factory=set)


class DurableApi:
    """The handlers. ``origin`` is the server's address, known once it listens."""

    def __init__(self, engine: Engine, hub: str) -> None:
        self.origin = ""
        self._engine = engine
        self._hub = hub
        self._observations: dict[str, Observation] = {}

    def add_to(self, app: web.Application) -> None:
        app.router.add_route("*", f"{WEBHOOKS}/{{rest:[\\s\\S]*}}", self._answer)
        app.router.add_route("*", f"{RPC}/{{rest:[\\s\\S]*}}", self._answer)

    @contextmanager
    def observe(self) -> Iterator[Observation]:
        """Give one invocation an address of its own, which tells what it starts and looks at."""
        token = f"i-{uuid.uuid4().hex}"
        observation = Observation(starter(self.origin, self._hub, f"{RPC}/{token}/"))
        self._observations[token] = observation
        try:
            yield observation
        finally:
            del self._observations[token]

    async def _answer(self, request: web.Request) -> web.Response:
        prefix = WEBHOOKS if request.rel_url.raw_path.startswith(WEBHOOKS) else RPC
        raw = request.rel_url.raw_path[len(prefix) + 1 :].split("/")
        observation = self._observations.get(raw[0])
        # The host decodes as forms do: a plus is a space.
        segments = [unquote_plus(segment) for segment in (raw[1:] if observation else raw)]
        try:
            return await self._route(request, segments, observation or Observation(""))
        except _BadRequestError as error:
            return _message(HTTPStatus.BAD_REQUEST, str(error))
        except InstanceLiveError as error:
            return _message(HTTPStatus.CONFLICT, str(error))

    async def _route(  # noqa: PLR0911  # one return per route
        self, request: web.Request, segments: list[str], seen: Observation
    ) -> web.Response:
        match [request.method, *segments]:
            case ["POST", "orchestrators", name]:
                return await self._start(request, name, uuid.uuid4().hex, seen)
            case ["POST", "orchestrators", name, instance_id]:
                return await self._start(request, name, instance_id, seen)
            case ["GET", "instances"] | ["GET", "instances", ""]:
                return self._list(request)
            case ["DELETE", "instances"] | ["DELETE", "instances", ""]:
                return self._purge(request)
            case ["GET", "instances", instance_id]:
                seen.instance_ids.add(instance_id)
                return self._status(request, instance_id)
            case ["DELETE", "instances", instance_id]:
                return self._purge_one(instance_id)
            case ["POST", "instances", instance_id, "terminate"]:
                return await self._terminate(request, instance_id)
        called = "/".join(segments)
        return _message(
            HTTPStatus.NOT_IMPLEMENTED,
            f"{request.method} {called} is not supported by functions_emulator; run the app with func start",
        )

    async def _start(self, request: web.Request, name: str, instance_id: str, seen: Observation) -> web.Response:
        if not instance_id or len(instance_id) > _LONGEST_ID or _NOT_IN_ID.search(instance_id):
            raise _BadRequestError(
                f"Instance IDs must have 1 to {_LONGEST_ID} characters, must not begin with '@' and must not contain "
                "'/', '\\', '?', '#' or control characters."
            )
        seen.instance_ids.add(instance_id)
        await self._engine.start_instance(name, instance_id, await _input(request))
        urls = management_urls(self.origin, self._hub, instance_id)
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": "10"}
        return web.json_response(urls, status=HTTPStatus.ACCEPTED, headers=headers)

    def _status(self, request: web.Request, instance_id: str) -> web.Response:
        instance = self._engine.instances.get(instance_id)
        if instance is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        body = instance_json(
            instance,
            show_input=_flag(request, "showInput", default=True),
            show_history=_flag(request, "showHistory"),
            show_output=_flag(request, "showHistoryOutput"),
        )
        if not instance.status.is_live:
            return web.json_response(body)
        headers = {"Location": f"{self.origin}{request.rel_url}", "Retry-After": "5"}
        return web.json_response(body, status=HTTPStatus.ACCEPTED, headers=headers)

    def _list(self, request: web.Request) -> web.Response:
        after, size = _token(request), _top(request)
        found = (
            instance for instance in _query(request).select(self._engine.instances.values()) if instance.id > after
        )
        page = heapq.nsmallest(size + 1, found, key=lambda instance: instance.id)
        show_input = _flag(request, "showInput", default=True)
        body = [instance_json(instance, show_input=show_input) for instance in page[:size]]
        headers = {_CONTINUATION: _encoded(page[size - 1].id)} if len(page) > size else {}
        return web.json_response(body, headers=headers)

    def _purge(self, request: web.Request) -> web.Response:
        query = _query(request)
        if query.created_from is None:
            raise _BadRequestError("Please provide value for 'createdTimeFrom' parameter.")
        return _purged(self._engine.purge(query))

    def _purge_one(self, instance_id: str) -> web.Response:
        instance = self._engine.instances.get(instance_id)
        if instance and instance.status.is_live:
            return _message(
                HTTPStatus.PRECONDITION_FAILED, f"Instance {instance_id} is {instance.status}; end it first."
            )
        return _purged(1 if self._engine.instances.pop(instance_id, None) else 0)

    async def _terminate(self, request: web.Request, instance_id: str) -> web.Response:
        instance: Instance | None = self._engine.instances.get(instance_id)
        if instance is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        ended = await self._engine.terminate(instance, request.query.get("reason", ""))
        return web.Response(status=HTTPStatus.ACCEPTED if ended else HTTPStatus.GONE)


def _message(status: HTTPStatus, text: str) -> web.Response:
    return web.json_response({"Message": text}, status=status)


def _purged(count: int) -> web.Response:
    if not count:
        return web.Response(status=HTTPStatus.NOT_FOUND)
    return web.json_response({"instancesDeleted": count})


async def _input(request: web.Request) -> Any:
    text = await request.text()
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise _BadRequestError(f"The request body is not JSON: {error}.") from error


def _flag(request: web.Request, name: str, *, default: bool = False) -> bool:
    return request.query.get(name, str(default)).lower() == "true"


def _top(request: web.Request) -> int:
    text = request.query.get("top", str(_PAGE))
    if not (text.isascii() and text.isdigit() and int(text)):
        raise _BadRequestError("Expected a whole number from 1 in 'top'.")
    return int(text)


def _query(request: web.Request) -> Query:
    statuses = frozenset(filter(None, request.query.get("runtimeStatus", "").split(",")))
    if unknown := statuses.difference(_STATUSES):
        raise _BadRequestError(
            f"Expected {', '.join(_STATUSES)} in 'runtimeStatus', found {', '.join(sorted(unknown))}."
        )
    return Query(
        _time(request, "createdTimeFrom"),
        _time(request, "createdTimeTo"),
        statuses,
        request.query.get("instanceIdPrefix", ""),
    )


def _time(request: web.Request, name: str) -> datetime | None:
    text = request.query.get(name)
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _BadRequestError(f"Expected a time in ISO 8601 in '{name}'.") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _encoded(instance_id: str) -> str:
    return base64.b64encode(instance_id.encode()).decode()


def _token(request: web.Request) -> str:
    try:
        return base64.b64decode(request.headers.get(_CONTINUATION, ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _BadRequestError(f"Expected the {_CONTINUATION} of an earlier answer.") from error
