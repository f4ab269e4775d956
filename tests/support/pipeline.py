"""The whole pipeline as a user runs it: Azurite, a database, and the functions under a host of their own.

`FUNCTIONS_HOST=func` runs Core Tools instead of the emulator;
`TEST_SQL_CONNECTION_STRING` a SQL Server instead of SQLite.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from azure.storage.blob import BlobServiceClient, ContainerClient

from image_metadata.database.connections import cursor
from image_metadata.settings import SqlSettings
from imagectl.local.azurite import Azurite
from imagectl.local.host import EMULATOR, FUNC, free_port, kill_host, start_host, stop_host, wait_until_ready
from imagectl.local.settings import ADDED_SETTINGS, of_the_example
from tests.support.intakes import Intake, poison_messages

ROOT = Path(__file__).resolve().parents[2]
ON_FUNC = os.environ.get("FUNCTIONS_HOST") == "func"
# Core Tools looks for blobs every ten seconds, and starts in about half a minute.
TIMEOUT = 180 if ON_FUNC else 60


@dataclass
class Pipeline:
    """One running stack; `host` is None while it is killed.

    Attributes:
        log: what the host printed, over all its lives.
    """

    azurite: Azurite
    sql: str
    log: Path
    app: Path = ROOT
    environ: dict[str, str] = field(default_factory=dict)
    intake: Intake = Intake.POLLING
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
    host: subprocess.Popen[bytes] | None = None

    @property
    def container(self) -> ContainerClient:
        return BlobServiceClient.from_connection_string(self.azurite.connection_string).get_container_client(
            "image-input"
        )

    def start(self) -> None:
        settings = {
            "AzureWebJobsStorage": self.azurite.connection_string,
            "ImageStorage": self.azurite.connection_string,
            "SqlConnectionString": self.sql,
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1",
            **of_the_example(*ADDED_SETTINGS),
            **self.intake.settings,
        }
        kind = FUNC if ON_FUNC else EMULATOR
        self.host = start_host(
            kind, self.port, self.log, app=self.app, options=self.options, settings=settings | self.environ
        )
        wait_until_ready(self.host, self.port, self.log)

    def kill(self) -> None:
        """SIGKILL: nothing of the host gets to tidy up."""
        self._end(kill_host)

    def stop(self) -> int:
        """Ctrl-C."""
        return self._end(stop_host)

    def _end(self, end: Callable[[subprocess.Popen[bytes]], None]) -> int:
        if self.host is None:
            return 0
        end(self.host)
        status, self.host = self.host.returncode, None
        return status

    def rows(self, table: str = "ImageMetadata", order: str = "file_name, uploaded_at") -> list[dict[str, Any]]:
        with cursor(SqlSettings(self.sql)) as found:
            found.execute(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608  # names of ours
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def rejections(self) -> list[dict[str, Any]]:
        return self.rows("ImageRejections")

    def wait_for(self, *, rows: int = 0, rejections: int = 0) -> None:
        """Wait until the tables have that many rows."""
        wanted = f"{rows} rows and {rejections} rejections"
        wait_until(lambda: (len(self.rows()), len(self.rejections())) == (rows, rejections), wanted, self)

    def poison_messages(self) -> list[str]:
        return poison_messages(self.azurite)

    def instances(self, *statuses: str) -> list[dict[str, Any]]:
        """The orchestrations that the host knows with one of these runtime statuses."""
        address = (
            f"http://127.0.0.1:{self.port}/runtime/webhooks/durabletask/instances?runtimeStatus={','.join(statuses)}"
        )
        with urlopen(address, timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def log_text(self) -> str:
        return self.log.read_text("utf-8", "replace")


def wait_until(condition: Callable[[], bool], what: str, pipeline: Pipeline) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        ended = pipeline.host is not None and pipeline.host.poll() is not None
        if ended or time.monotonic() > deadline:
            found = (
                "the host ended" if ended else f"{len(pipeline.rows())} rows, {len(pipeline.rejections())} rejections"
            )
            raise AssertionError(
                f"expected: {what}; found: {found}; the log of the host ends:\n{pipeline.log_text()[-5000:]}"
            )
        time.sleep(0.1)
