"""The pipeline with a proxy before its storage, a database of its own, and an order to kill itself."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagectl.local.azurite import Azurite
from tests.support.databases import sqlite_database, with_tables
from tests.support.intakes import Intake, events
from tests.support.killing import VARIABLE
from tests.support.pipeline import ON_FUNC, ROOT, Pipeline, wait_until
from tests.support.proxy import Proxy

SEED = 20261122


@dataclass
class World:
    """Uploads go past the proxy, everything that the app does goes through it."""

    pipeline: Pipeline
    proxy: Proxy
    queue_proxy: Proxy
    database: Path
    order: Path

    def kill_at(self, place: str) -> None:
        self.order.write_text(place, "utf-8")

    def wait_until_killed(self) -> None:
        assert self.pipeline.host is not None
        self.pipeline.host.wait(60)
        self.pipeline.host = None

    def restart_when_killed(self) -> None:
        self.wait_until_killed()
        self.pipeline.start()

    def wait_in_log(self, text: str) -> None:
        wait_until(lambda: text in self.pipeline.log_text(), f"«{text}» in the log", self.pipeline)

    def settle(self) -> None:
        """Wait until every orchestration has ended, so that no second row can still come."""
        wait_until(lambda: not self.pipeline.instances("Pending", "Running"), "no orchestration runs", self.pipeline)


@contextmanager
def running_world(azurite: Azurite, folder: Path, seed: int = SEED, intake: Intake = Intake.POLLING) -> Iterator[World]:
    database = with_tables(sqlite_database(folder / "images.db", busy_milliseconds=1000))
    connection = azurite.connection_string
    with (
        Proxy(_port(connection, "Blob"), seed) as blobs,
        Proxy(_port(connection, "Queue"), seed) as queues,
        events(azurite, intake),
    ):
        through_proxies = re.sub(r"(BlobEndpoint=http://127\.0\.0\.1:)\d+", rf"\g<1>{blobs.port}", connection)
        through_proxies = re.sub(r"(QueueEndpoint=http://127\.0\.0\.1:)\d+", rf"\g<1>{queues.port}", through_proxies)
        pipeline = Pipeline(azurite, database.settings.connection_string, folder / "host.log", app=_app(folder / "app"))
        pipeline.intake = intake
        pipeline.options = () if ON_FUNC else ("--message-lease", "2")
        pipeline.environ = {
            "ImageStorage": through_proxies,
            "PYTHONPATH": str(ROOT),
            VARIABLE: str(folder / "kill"),
            "ReconcileGraceMinutes": "0",
        }
        pipeline.container.create_container()
        try:
            pipeline.start()
            yield World(pipeline, blobs, queues, folder / "images.db", folder / "kill")
        finally:
            pipeline.kill()


def _port(connection_string: str, service: str) -> int:
    endpoint = re.search(rf"{service}Endpoint=http://127\.0\.0\.1:(\d+)", connection_string)
    assert endpoint is not None
    return int(endpoint[1])


def _app(folder: Path) -> Path:
    """The deployed app, except that its scripts can be told where to end."""
    for function in (file.parent for file in ROOT.glob("*/function.json")):
        shutil.copytree(function, folder / function.name, ignore=shutil.ignore_patterns("__pycache__"))
        script = ROOT / "tests" / "faults" / "app" / f"{function.name}.py"
        if script.exists():
            shutil.copy(script, folder / function.name / "__init__.py")
    for file in ("host.json", "requirements.txt"):
        shutil.copy(ROOT / file, folder)
    return folder
