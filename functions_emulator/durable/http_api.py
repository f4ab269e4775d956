"""The durable HTTP API, as far as the app and its tools use it; everything else answers 501 and names itself."""

import heapq
import uuid
from http import HTTPStatus
from urllib.parse import unquote_plus

from aiohttp import web

from functions_emulator.durable import http_requests
from functions_emulator.durable.client_binding import RPC, WEBHOOKS, ClientBinding, ClientBindings
from functions_emulator.durable.engine import Engine, InstanceLiveError
from functions_emulator.durable.http_requests import CONTINUATION, BadRequestError
from functions_emulator.durable.instance_status import instance_json


class DurableApi:
    """The handlers of both addresses: the webhooks for tools, and one RPC address per invocation for the SDK."""

    def __init__(self, engine: Engine, clients: ClientBindings) -> None:
        self._engine = engine
        self._clients = clients

    def add_to(self, app: web.Application) -> None:
        app.router.add_route("*", f"{WEBHOOKS}/{{rest:[\\s\\S]*}}", self._answer)
        app.router.add_route("*", f"{RPC}/{{rest:[\\s\\S]*}}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        prefix = WEBHOOKS if request.rel_url.raw_path.startswith(WEBHOOKS) else RPC
        raw = request.rel_url.raw_path[len(prefix) + 1 :].split("/")
        client = self._clients.find(raw[0])
        # The host decodes as forms do: a plus is a space.
        segments = [unquote_plus(segment) for segment in (raw[1:] if client else raw)]
        try:
            return await self._route(request, segments, client or ClientBinding(""))
        except BadRequestError as error:
            return _message(HTTPStatus.BAD_REQUEST, str(error))
        except InstanceLiveError as error:
            return _message(HTTPStatus.CONFLICT, str(error))

    async def _route(  # noqa: PLR0911  # one return per route
        self, request: web.Request, segments: list[str], client: ClientBinding
    ) -> web.Response:
        match [request.method, *segments]:
            case ["POST", "orchestrators", name]:
                return await self._start(request, name, uuid.uuid4().hex, client)
            case ["POST", "orchestrators", name, instance_id]:
                return await self._start(request, name, instance_id, client)
            case ["GET", "instances"] | ["GET", "instances", ""]:
                return self._list(request)
            case ["DELETE", "instances"] | ["DELETE", "instances", ""]:
                return self._purge(request)
            case ["GET", "instances", instance_id]:
                client.instance_ids.add(instance_id)
                return self._status(request, instance_id)
            case ["DELETE", "instances", instance_id]:
                return self._purge_one(instance_id)
            case ["POST", "instances", instance_id, "terminate"]:
                return await self._terminate(request, instance_id)
        path = "/".join(segments)
        return _message(
            HTTPStatus.NOT_IMPLEMENTED,
            f"{request.method} {path} is not supported by functions_emulator; run the app with func start",
        )

    async def _start(self, request: web.Request, name: str, instance_id: str, client: ClientBinding) -> web.Response:
        http_requests.check_instance_id(instance_id)
        client.instance_ids.add(instance_id)
        await self._engine.start_instance(name, instance_id, await http_requests.input_value(request))
        urls = self._clients.management_urls(instance_id)
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": "10"}
        return web.json_response(urls, status=HTTPStatus.ACCEPTED, headers=headers)

    def _status(self, request: web.Request, instance_id: str) -> web.Response:
        instance = self._engine.instances.get(instance_id)
        if instance is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        body = instance_json(
            instance,
            show_input=http_requests.flag(request, "showInput", default=True),
            show_history=http_requests.flag(request, "showHistory"),
            show_output=http_requests.flag(request, "showHistoryOutput"),
        )
        if not instance.status.is_live:
            return web.json_response(body)
        headers = {"Location": f"{self._clients.origin}{request.rel_url}", "Retry-After": "5"}
        return web.json_response(body, status=HTTPStatus.ACCEPTED, headers=headers)

    def _list(self, request: web.Request) -> web.Response:
        after, size = http_requests.last_of_previous_page(request), http_requests.page_size(request)
        selected = http_requests.query(request).select(self._engine.instances.values())
        following = (instance for instance in selected if instance.id > after)
        page = heapq.nsmallest(size + 1, following, key=lambda instance: instance.id)
        show_input = http_requests.flag(request, "showInput", default=True)
        body = [instance_json(instance, show_input=show_input) for instance in page[:size]]
        headers = {CONTINUATION: http_requests.continuation_token(page[size - 1].id)} if len(page) > size else {}
        return web.json_response(body, headers=headers)

    def _purge(self, request: web.Request) -> web.Response:
        query = http_requests.query(request)
        if query.created_from is None:
            raise BadRequestError("Please provide value for 'createdTimeFrom' parameter.")
        return _purged(self._engine.purge(query))

    def _purge_one(self, instance_id: str) -> web.Response:
        instance = self._engine.instances.get(instance_id)
        if instance and instance.status.is_live:
            return _message(
                HTTPStatus.PRECONDITION_FAILED, f"Instance {instance_id} is {instance.status}; terminate it first."
            )
        return _purged(1 if self._engine.instances.pop(instance_id, None) else 0)

    async def _terminate(self, request: web.Request, instance_id: str) -> web.Response:
        instance = self._engine.instances.get(instance_id)
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
