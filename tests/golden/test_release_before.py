"""What the release before has left behind can be loaded, and belongs together."""

import base64
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from imagectl.local.azurite import running_azurite
from tests.support.release_before import FOLDER, recorded, restore_database, restore_storage

KEYS = (
    "SELECT file_name, upload_id FROM ImageMetadata",
    "SELECT file_name, upload_id FROM ImageRejections",
)


def query(file: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory):
    with running_azurite(restore_storage(tmp_path_factory.mktemp("azurite"))) as azurite:
        yield BlobServiceClient.from_connection_string(azurite.connection_string)


def test_the_database_has_rows_of_both_kinds_and_one_upload_with_both(tmp_path: Path):
    database = restore_database("images.db", tmp_path)
    images, rejections = (query(database, statement) for statement in KEYS)
    assert (len(images), len(rejections)) == (14, 7)
    assert [name for name, _ in set(images) & set(rejections)] == ["Straße.PNG"]
    assert {name: count for name, count in Counter(name for name, _ in images + rejections).items() if count > 1} == {
        "Straße.PNG": 2,
        "states/one.png": 3,
        "states/one second 0.png": 2,
    }


def test_the_older_database_has_five_columns(tmp_path: Path):
    rows = query(restore_database("five_columns.db", tmp_path), "SELECT * FROM ImageMetadata")
    assert [len(row) for row in rows] == [5] * 5


def test_storage_has_the_blobs_whose_states_have_the_rows(storage: BlobServiceClient, tmp_path: Path):
    listed = {(blob.name, blob.etag) for blob in storage.get_container_client("image-input").list_blobs()}
    assert listed == {(blob["name"], blob["etag"]) for blob in recorded("stack/blobs.json")}
    database = restore_database("images.db", tmp_path)
    stored = {tuple(row) for table in ("ImageMetadata", "ImageRejections") for row in states(database, table)}
    without_row = {name for name, _ in listed - stored}
    assert without_row == {"archive/é=1.png", "given-up.png", "given up/日本 ?sig=x.png"}


def states(database: Path, table: str) -> list[Any]:
    return query(database, f"SELECT file_name, etag FROM {table}")  # noqa: S608  # one of two constants


def test_storage_has_the_receipts_and_the_content_of_the_blobs(storage: BlobServiceClient):
    receipts: ContainerClient = storage.get_container_client("azure-webjobs-hosts")
    assert set(receipts.list_blob_names()) == {
        receipt["name"] for receipt in recorded("stack/receipts.json")["receipts"]
    }
    assert storage.get_blob_client("image-input", "given-up.png").download_blob().readall().startswith(b"\x89PNG")


def test_the_poison_messages_are_those_of_the_blobs_that_the_trigger_gave_up():
    messages = [json.loads(base64.b64decode(text)) for text in recorded("stack/poison_messages.json")]
    given_up = {(blob["name"], f'"{blob["etag"].strip(chr(34))}"') for blob in recorded("stack/blobs.json")}
    assert sorted(message["BlobName"] for message in messages) == ["given up/日本 ?sig=x.png", "given-up.png"]
    assert {(message["BlobName"], message["ETag"]) for message in messages} <= given_up


def test_instances_of_every_status_are_there():
    bodies = [answer["body"] for answer in recorded("instances.json").values()]
    assert {body["runtimeStatus"] for body in bodies} == {"Running", "Completed", "Failed", "Terminated"}
    completed = {body["output"]["kind"] for body in bodies if body["runtimeStatus"] == "Completed"}
    assert completed == {"metadata", "rejection", "gone"}
    assert any("failed: CannotReadNow: " in str(body["output"]) for body in bodies)


def test_payloads_of_every_kind_are_there():
    extracted = {call["result"]["kind"] for call in recorded("payloads.json")["ExtractMetadata"] if "result" in call}
    stored = {call["result"]["kind"] for call in recorded("payloads.json")["StoreMetadata"] if "result" in call}
    assert (extracted, stored) == (
        {"metadata", "rejection", "gone", "unreadable"},
        {"metadata", "rejection", "gone"},
    )


def test_the_recordings_stay_small():
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 310_000
