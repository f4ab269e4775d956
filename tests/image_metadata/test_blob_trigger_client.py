"""The trigger starts one orchestration for each upload, whatever the host's answers are."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from azure.storage.blob import ContainerClient

from image_metadata.blob_trigger_client import announce
from image_metadata.errors import SettingError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage.blobs import current_upload


@dataclass
class FakeDurableClient:
    """The host's instances, and how it takes a start."""

    statuses: dict[str, tuple[str, Any]] = field(default_factory=dict)
    starting: Any = None
    started: list[tuple[str, str | None, Any]] = field(default_factory=list)

    async def get_status(self, instance_id: str) -> Any:
        name, output = self.statuses.get(instance_id, (None, None))
        return SimpleNamespace(runtime_status=name and SimpleNamespace(value=name), output=output)

    async def start_new(self, function: str, instance_id: str | None, client_input: Any) -> str:
        if self.starting:
            self.starting(self)
        self.started.append((function, instance_id, client_input))
        return str(instance_id)


@pytest.fixture
def upload(container: ContainerClient) -> Upload:
    container.upload_blob("2026/a?sig=b.png", b"x")
    etag = container.get_blob_client("2026/a?sig=b.png").get_blob_properties().etag
    return Upload("devstoreaccount1", container.container_name, "2026/a?sig=b.png", etag)


def announced(upload: Upload, client: FakeDurableClient, patience: float = 0) -> FakeDurableClient:
    asyncio.run(announce(f"{upload.container}/{upload.name}", client, patience))
    return client


def test_an_upload_starts_the_orchestration_under_its_id(upload: Upload):
    client = announced(upload, FakeDurableClient())
    assert client.started == [("OrchestratorFunction", upload.id, upload.to_dict())]


@pytest.mark.parametrize("status", ["Pending", "Running", "ContinuedAsNew", "Suspended"])
def test_a_live_instance_is_left_alone(upload: Upload, status: str):
    assert announced(upload, FakeDurableClient({upload.id: (status, None)})).started == []


@pytest.mark.parametrize("kind", ["metadata", "rejection"])
def test_an_instance_that_wrote_its_row_is_not_replaced(upload: Upload, kind: str):
    assert announced(upload, FakeDurableClient({upload.id: ("Completed", {"kind": kind})})).started == []


@pytest.mark.parametrize(
    "status", [("Completed", {"kind": "gone"}), ("Completed", None), ("Failed", "failed: x"), ("Terminated", None)]
)
def test_an_instance_that_wrote_no_row_is_started_again(upload: Upload, status: tuple[str, Any]):
    assert len(announced(upload, FakeDurableClient({upload.id: status})).started) == 1


def test_a_refused_start_is_fine_when_a_twin_of_the_event_won(upload: Upload):
    def twin_won(client: FakeDurableClient) -> None:
        client.statuses[upload.id] = ("Running", None)
        raise Exception({"Message": "An Orchestration instance with the status Running already exists."})  # noqa: TRY002  # as the SDK does

    assert announced(upload, FakeDurableClient(starting=twin_won)).started == []


def test_a_refused_start_is_raised_when_nothing_runs_so_that_the_event_comes_again(upload: Upload):
    def refused(_: FakeDurableClient) -> None:
        raise KeyError("ExceptionMessage")

    with pytest.raises(KeyError):
        announced(upload, FakeDurableClient(starting=refused))


def test_trouble_is_waited_out_for_some_time(upload: Upload, monkeypatch: pytest.MonkeyPatch):
    tries = []

    def troubled_twice(container: str, name: str) -> Upload | None:
        tries.append(name)
        if len(tries) < 3:
            raise TransientStorageError("expected an answer, found none")
        return current_upload(container, name)

    monkeypatch.setattr("image_metadata.blob_trigger_client.current_upload", troubled_twice)
    with pytest.raises(TransientStorageError):
        announced(upload, FakeDurableClient(), patience=0.5)
    assert len(tries) == 1
    assert len(announced(upload, FakeDurableClient(), patience=10).started) == 1
    assert len(tries) == 3


def test_a_refused_start_is_tried_again(upload: Upload):
    def refused_once(client: FakeDurableClient) -> None:
        client.starting = None
        raise KeyError("ExceptionMessage")

    assert len(announced(upload, FakeDurableClient(starting=refused_once), patience=10).started) == 1


def test_a_setting_that_is_absent_is_not_waited_for(upload: Upload, monkeypatch: pytest.MonkeyPatch):
    def unset(*_: str) -> Upload | None:
        raise SettingError("ImageStorage is not set")

    monkeypatch.setattr("image_metadata.blob_trigger_client.current_upload", unset)
    with pytest.raises(SettingError):
        asyncio.run(asyncio.wait_for(announce(f"{upload.container}/{upload.name}", FakeDurableClient()), 1))


def test_a_blob_deleted_before_its_event_starts_nothing(container: ContainerClient):
    client = announced(Upload("devstoreaccount1", container.container_name, "never.png", ""), FakeDurableClient())
    assert client.started == []


def test_two_events_on_different_loops_are_served(upload: Upload):
    assert len(announced(upload, announced(upload, FakeDurableClient())).started) == 2
