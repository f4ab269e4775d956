"""A headless browser that a test opens a page in, over the Chrome DevTools Protocol."""

import json
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import websocket

from imagectl.local.browser import find_browser

SECONDS = 60
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)


class Page:
    """One tab. What it says and asks for is collected from before it opens anything.

    Attributes:
        messages: texts of its console, refused policies and uncaught exceptions among them.
        requests: addresses of all that it asked for.
    """

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._last_id = 0
        self._session: str | None = None
        self.messages: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, file: Path) -> None:
        """Open a report and wait until it is drawn, or says why not."""
        self.call("Page.navigate", url=file.as_uri())
        self.until("document.querySelector('html[data-ready], #failure:not([hidden])')")

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is, or what its promise comes to, as JSON; an exception in it is raised."""
        stringified = f"(async () => JSON.stringify(await ({expression})))()"
        answer = self.call("Runtime.evaluate", expression=stringified, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return json.loads(answer["result"].get("value", "null"))

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + SECONDS
        while not self.value(f"Boolean({condition})"):
            assert time.monotonic() < end, f"expected {condition} within {SECONDS} s; the console: {self.messages}"
            time.sleep(0.05)

    def texts(self, selector: str) -> list[str]:
        """The text of every element that a CSS selector matches."""
        texts: list[str] = self.value(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)")
        return texts

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last_id += 1
        session = {"sessionId": self._session} if self._session else {}
        self._socket.send(json.dumps({"id": self._last_id, "method": method, "params": parameters, **session}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._last_id:
                assert "error" not in message, message["error"]
                result: dict[str, Any] = message["result"]
                return result
            self._note(message.get("method"), message.get("params", {}))

    def _note(self, event: str | None, parameters: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif event == "Log.entryAdded":
            self.messages.append(parameters["entry"]["text"])
        elif event == "Runtime.consoleAPICalled":
            self.messages.append(str(parameters["args"]))
        elif event == "Runtime.exceptionThrown":
            self.messages.append(str(parameters["exceptionDetails"]))


@contextmanager
def open_browser() -> Generator[Page]:
    """A browser of its own with an empty profile; skips, saying so, where none is installed."""
    program = find_browser()
    if program is None:
        pytest.skip("expected Chromium, Chrome or Edge, found none; run python3 -m imagectl setup --tests")
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        command = [program, *_OPTIONS, f"--user-data-dir={profile}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with closing(websocket.create_connection(_address(process, Path(profile)), timeout=SECONDS)) as socket:
                yield Page(socket)
        finally:
            process.terminate()
            process.wait(SECONDS)


def _address(process: subprocess.Popen[bytes], profile: Path) -> str:
    file = profile / "DevToolsActivePort"
    end = time.monotonic() + SECONDS
    while not file.exists() or "\n" not in file.read_text():
        assert process.poll() is None, f"the browser ended with exit status {process.returncode}"
        assert time.monotonic() < end, f"expected the browser to listen within {SECONDS} s"
        time.sleep(0.05)
    port, path = file.read_text().splitlines()
    return f"ws://127.0.0.1:{port}{path}"
