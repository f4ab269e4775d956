"""Event Grid's events from Azurite's access log, as the app reads them from the queue."""

import base64
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from azure.storage.blob import BlobBlock, BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient

from image_metadata.event_grid import EventType, read_event
from imagectl.local.azurite import Azurite
from imagectl.local.event_grid import Delivery, EventGrid, Operation, read_operations, running_event_grid
from tests.functions_emulator.durable_app import wait_until

NAME = "2026/a b#é?%41+😀.png"


@pytest.fixture
def container(session_azurite: Azurite) -> ContainerClient:
    """A container of the test's own, beside others."""
    return BlobServiceClient.from_connection_string(session_azurite.connection_string).create_container(
        f"images-{uuid.uuid4().hex[:8]}"
    )


def queue_of(azurite: Azurite, container: ContainerClient) -> QueueClient:
    return QueueClient.from_connection_string(azurite.connection_string, f"{container.container_name}-events")


@contextmanager
def event_grid(azurite: Azurite, container: ContainerClient, **options: Any) -> Iterator[EventGrid]:
    queue = queue_of(azurite, container).queue_name
    with running_event_grid(azurite, Delivery(**options), container=container.container_name, queue=queue) as running:
        yield running


@contextmanager
def delivered(azurite: Azurite, container: ContainerClient, number: int, **options: Any) -> Iterator[list[str]]:
    """The texts of so many messages, once the block has run."""
    queue = queue_of(azurite, container)
    texts: list[str] = []
    with event_grid(azurite, container, **options):
        yield texts
        wait_until(lambda: queue.get_queue_properties().approximate_message_count >= number)
    texts += [message.content for message in queue.peek_messages(32)]
    assert len(texts) == number


def decoded(texts: list[str]) -> list[str]:
    return [base64.b64decode(text, validate=True).decode() for text in texts]


def apis(texts: list[str]) -> list[tuple[str, str]]:
    events = [json.loads(text) for text in decoded(texts)]
    return [(event["data"]["api"], event["subject"].rpartition("/blobs/")[2]) for event in events]


def test_an_upload_is_announced_with_the_name_and_entity_tag_of_its_blob(
    session_azurite: Azurite, container: ContainerClient
):
    with delivered(session_azurite, container, 1) as texts:
        etag = container.upload_blob(NAME, b"xyz").get_blob_properties().etag
    (text,) = decoded(texts)
    event = read_event(text)
    assert (event.type, event.account, event.container) == (
        EventType.CREATED,
        "devstoreaccount1",
        container.container_name,
    )
    assert (event.name, event.etag) == (NAME, etag.strip('"'))
    assert json.loads(text)["data"]["contentLength"] == 3


def test_copies_block_lists_and_deletions_are_announced_and_nothing_else(
    session_azurite: Azurite, container: ContainerClient
):
    with delivered(session_azurite, container, 4) as texts:
        source = container.upload_blob("put", b"x")
        blocks = container.get_blob_client("blocks")
        blocks.stage_block("AAA=", b"data")
        blocks.commit_block_list([BlobBlock("AAA=")])
        container.get_blob_client("copy").start_copy_from_url(source.url)
        source.set_blob_metadata({"a": "b"})
        source.create_snapshot()
        source.delete_blob("include")
        assert not container.get_blob_client("absent").exists()
    assert apis(texts) == [
        ("PutBlob", "put"),
        ("PutBlockList", "blocks"),
        ("CopyBlob", "copy"),
        ("DeleteBlob", "put"),
    ]


def test_what_was_uploaded_before_it_ran_is_announced_too(session_azurite: Azurite, container: ContainerClient):
    container.upload_blob("early", b"x")
    with delivered(session_azurite, container, 1) as texts:
        pass
    assert apis(texts) == [("PutBlob", "early")]


def test_a_blob_that_is_deleted_at_once_is_announced_without_an_entity_tag(
    session_azurite: Azurite, container: ContainerClient
):
    container.upload_blob("short-lived", b"x").delete_blob()
    with delivered(session_azurite, container, 2) as texts:
        pass
    assert [read_event(text).etag for text in decoded(texts)] == [None, None]


def test_its_own_requests_are_counted(session_azurite: Azurite, container: ContainerClient):
    container.upload_blob("a", b"x")
    with event_grid(session_azurite, container) as grid:
        wait_until(lambda: grid.requests == 3)


def test_events_come_twice_out_of_order_and_damaged_on_request(session_azurite: Azurite, container: ContainerClient):
    for name in ("1", "2"):
        container.upload_blob(name, b"x")
    with delivered(session_azurite, container, 4, copies=2, reversed=True, damaged_names=True) as texts:
        pass
    assert apis(texts) == [("PutBlob", "\ufffd")] * 4
    sizes = {json.loads(text)["data"]["eTag"] for text in decoded(texts)}
    assert len(sizes) == 2


def test_events_come_in_the_opposite_order_on_request(session_azurite: Azurite, container: ContainerClient):
    for name in ("1", "2"):
        container.upload_blob(name, b"x")
    with delivered(session_azurite, container, 2, reversed=True) as texts:
        pass
    assert [name for _, name in apis(texts)] == ["2", "1"]


def test_events_come_without_encoding_on_request(session_azurite: Azurite, container: ContainerClient):
    container.upload_blob("a", b"x")
    with delivered(session_azurite, container, 1, encoded=False) as texts:
        pass
    assert read_event(texts[0]).name == "a"


def test_events_come_late_on_request(session_azurite: Azurite, container: ContainerClient):
    queue = queue_of(session_azurite, container)
    container.upload_blob("a", b"x")
    with event_grid(session_azurite, container, delay=2):
        wait_until(lambda: queue.get_queue_properties().approximate_message_count == 1)
        assert queue.peek_messages() == []
        wait_until(lambda: len(queue.peek_messages()) == 1)


@pytest.mark.parametrize(
    "line",
    [
        '"PUT /devstoreaccount1/image-input/a HTTP/1.1" 403 -',
        '"PUT /devstoreaccount1/image-input/a?comp=appendblock HTTP/1.1" 201 -',
        '"DELETE /devstoreaccount1/image-input/a?snapshot=2026 HTTP/1.1" 202 -',
        '"PUT /devstoreaccount1/image-inputs/a HTTP/1.1" 201 -',
        '"GET /devstoreaccount1/image-input/a HTTP/1.1" 200 -',
    ],
)
def test_other_requests_are_not_reported(line: str):
    assert [*read_operations(line)] == []


def test_a_shared_access_signature_does_not_hide_the_operation():
    line = '"PUT /devstoreaccount1/image-input/a%2Fb?sv=2026&sig=x%3D HTTP/1.1" 201 -'
    assert [*read_operations(line)] == [Operation("PutBlob", "a/b")]
