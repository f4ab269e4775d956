"""A TCP relay in front of a local server: counts the bytes of both directions, and adds a round trip's delay."""

import asyncio
import threading
from contextlib import suppress
from typing import Self

_CHUNK = 256 * 1024


class Relay:
    """Forwards a free port of 127.0.0.1 to ``target`` while it is entered.

    Attributes:
        port: where it listens.
        bytes: what went through so far, both directions, heads of requests and answers included.
        matches: how often ``pattern`` occurred in it.
    """

    def __init__(self, target: int, round_trip: float = 0, pattern: bytes = b"") -> None:
        """``round_trip`` is in seconds; each direction is delayed by half of it, and limited in nothing else."""
        self.port = 0
        self.bytes = 0
        self.matches = 0
        self._pattern = pattern
        self._target = target
        self._delay = round_trip / 2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self.port = server.result().sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target)
        directions = [self._forward(reader, target_writer), self._forward(target_reader, writer)]
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*directions)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        delayed: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sending = asyncio.create_task(self._send(delayed, writer))
        tail = b""
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                self.bytes += len(data)
                if self._pattern:
                    # It may have been cut in two.
                    seen = tail + data
                    self.matches += seen.count(self._pattern)
                    tail = seen[1 - len(self._pattern) :]
                delayed.put_nowait((self._loop.time() + self._delay, data))
        delayed.put_nowait((self._loop.time() + self._delay, b""))
        await sending

    async def _send(self, delayed: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                due, data = await delayed.get()
                if self._delay:
                    await asyncio.sleep(due - self._loop.time())
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
