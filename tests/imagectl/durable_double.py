"""The durable HTTP API in the shapes of the Functions host, with small pages and faults on demand.

It runs nothing: a test says how each instance ends. It shows what the emulator cannot: many pages, the
answers of older extensions, a key, and a host that fails.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = "/runtime/webhooks/durabletask/"
LIVE = {"Pending", "Running", "ContinuedAsNew", "Suspended"}


@dataclass
class DurableDouble:
    """What the API knows and how it behaves.

    Attributes:
        faults: status codes that the next requests get, one each; 0 drops the connection, None is none.
        ends_when_listed: what was started completes once a listing has shown it.
    """

    url: str = ""
    key: str | None = None
    page: int = 2
    legacy: bool = False
    ends_when_listed: bool = False
    faults: list[int | None] = field(default_factory=list)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    starts: list[str] = field(default_factory=list)
    most_live: int = 0
    lock: Lock = field(default_factory=Lock)

    def add(self, instance_id: str, status: str, **more: Any) -> None:
        instance = {"instanceId": instance_id, "name": "OrchestratorFunction", "runtimeStatus": status}
        defaults = {"input": None, "output": None, "customStatus": None, "createdTime": "2026-11-22T06:40:00Z"}
        self.instances[instance_id] = instance | defaults | more

    def statuses(self) -> dict[str, str]:
        return {each: instance["runtimeStatus"] for each, instance in self.instances.items()}

    def start(self, name: str, instance_id: str, body: bytes) -> tuple[int, Any]:
        if self.statuses().get(instance_id) in LIVE:
            message = "An Orchestration instance with the status Running already exists."
            kind = "DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException"
            return (500, {"ExceptionMessage": message, "ExceptionType": kind}) if self.legacy else (409, message)
        self.starts.append(instance_id)
        self.add(instance_id, "Running", name=name, input=json.loads(body))
        self.most_live = max(self.most_live, sum(status in LIVE for status in self.statuses().values()))
        return 202, {"id": instance_id}

    def select(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        wanted = query.get("runtimeStatus", [""])[0].split(",")
        first, last = query.get("createdTimeFrom", [""])[0], query.get("createdTimeTo", ["9"])[0]
        return [
            each
            for each in self.instances.values()
            if each["runtimeStatus"] in wanted and first <= each["createdTime"] <= last
        ]

    def end_listed(self, listed: list[dict[str, Any]]) -> None:
        for instance in listed if self.ends_when_listed else ():
            if instance["runtimeStatus"] in LIVE and instance["instanceId"] in self.starts:
                instance["runtimeStatus"] = "Completed"


@contextmanager
def running_double() -> Iterator[DurableDouble]:
    double = DurableDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        double.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield double
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    double: DurableDouble
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.double.lock:
            fault = self.double.faults.pop(0) if self.double.faults else None
            if fault == 0:
                self.close_connection = True
                return
            refused = self.double.key is not None and self.headers.get("x-functions-key") != self.double.key
            status, answer = (401, "") if refused else (fault, "") if fault else self._route(body)
        self._send(status, answer)

    def log_message(self, *_: Any) -> None:
        """The output of a test is what the test says."""

    def _route(self, body: bytes) -> tuple[int, Any]:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        match self.command, url.path.removeprefix(ROOT).split("/"):
            case "POST", ["orchestrators", name, instance_id]:
                return self.double.start(name, instance_id, body)
            case "GET", ["instances", ""]:
                return self._list(query)
            case "DELETE", ["instances", ""]:
                selected = self.double.select(query)
                for each in selected:
                    del self.double.instances[each["instanceId"]]
                return (200, {"instancesDeleted": len(selected)}) if selected else (404, "")
            case "DELETE", ["instances", instance_id]:
                return (200, {"instancesDeleted": 1}) if self.double.instances.pop(instance_id, None) else (404, "")
            case "GET", ["instances", instance_id] if instance_id in self.double.instances:
                return 200, self.double.instances[instance_id]
        return 404, ""

    def _list(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        # As in Azure, a token names the key to go on from, so that a page may be empty before the last one.
        token = self.headers.get("x-ms-continuation-token") or ""
        selected = [each for each in self.double.select(query) if each["instanceId"] >= token]
        ordered = sorted(selected, key=lambda each: each["instanceId"])
        page = [each.copy() for each in ordered[: self.double.page]]
        self.next_token = ordered[self.double.page]["instanceId"] if len(ordered) > self.double.page else ""
        if not self.next_token:
            self.double.end_listed(self.double.select(query))
        return 200, page

    next_token = ""

    def _send(self, status: int, answer: Any) -> None:
        content = json.dumps(answer).encode() if answer != "" else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if self.next_token:
            self.send_header("x-ms-continuation-token", self.next_token)
            self.next_token = ""
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
