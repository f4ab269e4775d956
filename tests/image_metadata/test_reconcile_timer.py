"""Reconciliation on real Azurite: what has no row is announced, and nothing else."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from azure.storage.blob import ContainerClient, StandardBlobTier

from image_metadata.errors import ContinuationRefusedError, TransientDatabaseError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.reconcile_timer import Limits, reconcile
from image_metadata.reconciliation import Reconciliation
from image_metadata.storage import listing
from tests.support.blob_service import answering
from tests.support.durable_client import FakeDurableClient

NOW = Limits(grace=timedelta())


@dataclass
class FakeTables:
    """The ids with a row, and the runs so far."""

    uploads: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)
    runs: list[Reconciliation] = field(default_factory=list)
    is_down: bool = False

    def last_run(self) -> Reconciliation | None:
        return self.runs[-1] if self.runs else None

    def with_row(self, upload_ids: Sequence[str]) -> set[str]:
        if self.is_down:
            raise TransientDatabaseError("expected the database, found none")
        return self.uploads & set(upload_ids)

    def blobs_with_row(self, blob_ids: Sequence[str]) -> set[str]:
        return self.blobs & set(blob_ids)

    def record(self, run: Reconciliation) -> None:
        self.runs.append(run)


@dataclass
class Clock:
    now: float = 0

    def __call__(self) -> float:
        return self.now

    def start_for_a_minute(self, _: FakeDurableClient) -> None:
        self.now += 60


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listing, "_PAGE", 2)


def upload_to(container: ContainerClient, name: str, **options: Any) -> Upload:
    etag = container.upload_blob(name, b"x", overwrite=True, **options).get_blob_properties().etag
    return Upload("devstoreaccount1", container.container_name, name, etag)


def run(
    container: ContainerClient,
    tables: FakeTables,
    client: FakeDurableClient | None = None,
    limits: Limits = NOW,
    clock: Callable[[], float] = lambda: 0,
) -> list[str | None]:
    """The ids that were started."""
    client = client or FakeDurableClient()
    asyncio.run(reconcile(client, tables, container=container.container_name, limits=limits, clock=clock))
    return [instance_id for _, instance_id, _ in client.started]


def test_what_has_no_row_is_started_under_its_id(container: ContainerClient):
    stored, missed = upload_to(container, "stored.png"), upload_to(container, "2026/a b?sig=c.png")
    tables = FakeTables({stored.id}, {stored.blob_id})
    assert run(container, tables) == [missed.id]
    (row,) = tables.runs
    assert (row.blobs, row.started, row.changed, row.errors, row.complete) == (2, 1, 0, 0, True)
    assert row.began_at <= row.ended_at


def test_what_is_missed_is_one_error_line_with_its_count(container: ContainerClient, caplog: pytest.LogCaptureFixture):
    for number in range(3):
        upload_to(container, f"{number}.png")
    with caplog.at_level(logging.INFO):
        run(container, FakeTables())
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert errors[0].startswith("Uploads missed: 3 had neither a row nor an orchestration")


def test_an_upload_whose_orchestration_failed_is_started_again_and_not_missed(
    container: ContainerClient, caplog: pytest.LogCaptureFixture
):
    failed = upload_to(container, "a.png")
    tables = FakeTables()
    with caplog.at_level(logging.INFO):
        assert run(container, tables, FakeDurableClient({failed.id: ("Failed", None)})) == [failed.id]
    assert (tables.runs[0].started, tables.runs[0].changed) == (1, 0)
    assert [record for record in caplog.records if record.levelno == logging.ERROR] == []
    assert any("1 whose orchestration had ended without a row, 0 missed" in each for each in caplog.messages)


def test_a_blob_of_which_an_older_state_has_a_row_was_changed_and_not_missed(
    container: ContainerClient, caplog: pytest.LogCaptureFixture
):
    changed = upload_to(container, "a.png")
    tables = FakeTables(set(), {changed.blob_id})
    with caplog.at_level(logging.INFO):
        assert run(container, tables) == [changed.id]
    assert (tables.runs[0].started, tables.runs[0].changed) == (1, 1)
    assert [record for record in caplog.records if record.levelno == logging.ERROR] == []
    assert any(record.getMessage().startswith("Reconciliation: 1 blobs compared") for record in caplog.records)


def test_what_is_young_archived_or_a_directory_is_left(container: ContainerClient):
    upload_to(container, "archived.png", standard_blob_tier=StandardBlobTier.ARCHIVE)
    upload_to(container, "directory", metadata={"hdi_isfolder": "true"})
    tables = FakeTables()
    assert run(container, tables) == []
    upload_to(container, "young.png")
    assert run(container, tables, limits=Limits(grace=timedelta(minutes=10))) == []


def test_an_active_upload_is_left(container: ContainerClient):
    upload = upload_to(container, "a.png")
    tables = FakeTables()
    assert run(container, tables, FakeDurableClient({upload.id: ("Running", None)})) == []
    assert tables.runs[0].started == 0


@pytest.mark.usefixtures("small_pages")
def test_every_page_is_compared(container: ContainerClient):
    uploads = {upload_to(container, f"{number}.png").id for number in range(5)}
    assert set(run(container, FakeTables())) == uploads


@pytest.mark.usefixtures("small_pages")
def test_a_run_that_reaches_its_limit_is_continued_by_the_next(container: ContainerClient):
    uploads = {upload_to(container, f"{number}.png").id for number in range(5)}
    tables = FakeTables()

    for _ in range(2):
        clock = Clock()
        client = FakeDurableClient(starting=clock.start_for_a_minute)
        started = run(container, tables, client, replace(NOW, duration=timedelta(minutes=3)), clock)
        tables.uploads |= {str(instance_id) for instance_id in started}
    assert [row.complete for row in tables.runs] == [False, True]
    assert tables.uploads == uploads


@pytest.mark.usefixtures("small_pages")
def test_a_run_without_time_changes_nothing_and_says_so(container: ContainerClient):
    upload_to(container, "a.png")
    tables = FakeTables()
    assert run(container, tables, limits=replace(NOW, duration=timedelta())) == []
    assert (tables.runs[0].complete, tables.runs[0].blobs) == (False, 0)


@pytest.mark.usefixtures("small_pages")
def test_the_next_run_begins_where_the_last_one_stopped(container: ContainerClient):
    uploads = [upload_to(container, f"{number}.png") for number in range(4)]
    first = listing.list_page(container.container_name)
    stopped = Reconciliation(began_at="x", ended_at="x", continuation=first.continuation)
    tables = FakeTables(runs=[stopped])
    assert set(run(container, tables)) == {upload.id for upload in uploads[2:]}
    assert tables.runs[-1].complete
    assert len(run(container, tables)) == 4


@pytest.mark.usefixtures("image_storage")
def test_storage_that_does_not_list_ends_the_run_and_the_next_continues_at_the_same_place():
    tables = FakeTables(runs=[Reconciliation(began_at="x", ended_at="x", continuation="somewhere")])
    missing = f"missing-{uuid.uuid4().hex}"
    with pytest.raises(TransientStorageError, match="404 ContainerNotFound"):
        asyncio.run(reconcile(FakeDurableClient(), tables, container=missing, limits=NOW))
    assert (tables.runs[-1].continuation, tables.runs[-1].complete) == ("somewhere", False)


@pytest.mark.live
def test_a_stored_continuation_that_storage_refuses_ends_the_run_and_the_next_begins_with_the_first_blob(storage):
    tables = FakeTables(runs=[Reconciliation(began_at="x", ended_at="x", continuation="somewhere")])
    with answering(400, {"x-ms-error-code": "OutOfRangeInput"}, listing=None) as account:
        storage(account)
        with pytest.raises(ContinuationRefusedError):
            asyncio.run(reconcile(FakeDurableClient(), tables, limits=NOW))
    assert (tables.runs[-1].continuation, tables.runs[-1].complete) == (None, False)


def test_a_database_that_is_down_ends_the_run(container: ContainerClient):
    upload_to(container, "a.png")
    with pytest.raises(TransientDatabaseError):
        run(container, FakeTables(is_down=True))


def test_starts_that_fail_are_counted_and_end_the_run_before_all_are_tried(container: ContainerClient):
    for number in range(60):
        upload_to(container, f"{number}.png")

    def refused(_: FakeDurableClient) -> None:
        raise ConnectionError("refused")

    tables = FakeTables()
    assert run(container, tables, FakeDurableClient(starting=refused)) == []
    assert 20 <= tables.runs[0].errors < 60
    assert not tables.runs[0].complete
    assert len(run(container, tables)) == 60
