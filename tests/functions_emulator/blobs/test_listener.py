"""The blob trigger on a real Azurite, with the app in ``apps/watching``."""

import gzip
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.storage.blob import ContentSettings

from functions_emulator.blobs.listener import pause
from imagectl.local.azurite import Azurite, start_azurite
from imagectl.local.host import free_port
from tests.functions_emulator.durable_app import running_app, wait_until
from tests.functions_emulator.watching_app import WATCHING, Watched
from tests.support.access_log import requests

ODD_NAMES = [
    "plain.png",
    "2026/11/nested name.png",
    "x" * 1024,
    "a#b",
    "a%20b",
    "100%",
    "a+b",
    "a?sig=b",
    "Password=b",
    "q'u\"ote",
    "<tag>&amp;",
    "emoji 😀",
    " leading and trailing ",
    "/leading/slash",
    "trailing/",
    "double//slash",
    "dots/..hidden",
    "line\nbreak\ttab",
    "bidi \u202e",
    "e\u0301 is not é",
]


@pytest.fixture
def watched(session_azurite: Azurite, tmp_path: Path) -> Watched:
    return Watched(session_azurite, tmp_path)


def test_blobs_of_every_name_are_delivered_once_with_their_content(watched: Watched):
    for name in ODD_NAMES:
        watched.put(name, f"content of {name}")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(len(ODD_NAMES))
    contents = {line["delivered"]: line["content"] for line in watched.journal("delivered")}
    assert contents == {f"inbox/{name}": f"content of {name}" for name in ODD_NAMES}
    assert set(watched.count("worked").values()) == {1}


def test_a_delivery_carries_the_hosts_metadata(watched: Watched):
    watched.put("a b.png", "abc", content_settings=ContentSettings("image/png"), metadata={"owner": "me"})
    with running_app(WATCHING, **watched.settings):
        (delivery,) = watched.wait_for("delivered", 1)
    assert (delivery["uri"], delivery["length"]) == (watched.inbox.get_blob_client("a b.png").url, 3)
    properties = delivery["properties"]
    assert (properties["ETag"], properties["ContentLength"]) == ({}, 3)
    assert (properties["ContentType"], properties["Metadata"]) == ("image/png", {"owner": "me"})
    assert datetime.fromisoformat(properties["LastModified"]) <= datetime.now(UTC)


def test_an_overwritten_blob_is_delivered_again(watched: Watched):
    watched.put("a", "first")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for("worked", 1)
        watched.put("a", "second")
        watched.wait_for("worked", 2)
    assert [line["content"] for line in watched.journal("delivered")] == ["first", "second"]


def test_every_delivery_comes_twice_on_request(watched: Watched):
    watched.put("a")
    with running_app(WATCHING, twice=True, **watched.settings):
        watched.wait_for_receipts(1)
    assert (watched.count("delivered"), watched.count("worked")) == ({"a": 2}, {"a": 2})


def test_two_blobs_of_the_same_bytes_are_delivered_separately(watched: Watched):
    watched.put("one")
    watched.put("two")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for("worked", 2)
    assert watched.count("worked") == {"one": 1, "two": 1}


def test_what_is_uploaded_while_the_host_runs_is_delivered(watched: Watched):
    with running_app(WATCHING, **watched.settings):
        watched.put("late")
        watched.wait_for("worked", 1)


def test_only_blobs_of_the_path_are_delivered(watched: Watched):
    watched.service.create_container("elsewhere").upload_blob("other", b"x")
    watched.put("mine")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(1)
        watched.put("mine too")
        watched.wait_for_receipts(2)
    assert watched.count("delivered") == {"mine": 1, "mine too": 1}


def test_five_failures_in_a_row_end_on_the_poison_queue_and_the_others_go_on(watched: Watched):
    watched.put("bad", "refuse")
    watched.put("good")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(2)
    assert watched.count("delivered") == {"bad": 5, "good": 1}
    (message,) = watched.poison()
    etag = watched.inbox.get_blob_client("bad").get_blob_properties().etag
    assert message == {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.Watch",
        "BlobType": "BlockBlob",
        "ContainerName": "inbox",
        "BlobName": "bad",
        "ETag": etag,
    }


def test_a_restart_reads_no_completed_blob_again_and_no_poisoned_one(watched: Watched):
    for name, content in [("done", "x"), ("bad", "refuse"), ("ignored", "ignore")]:
        watched.put(name, content)
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(3)
    reads = watched.reads()
    with running_app(WATCHING, **watched.settings):
        watched.put("new")
        watched.wait_for_receipts(4)
    assert watched.reads() == reads + 1
    assert watched.count("delivered") == {"done": 1, "bad": 5, "ignored": 1, "new": 1}


def test_a_restart_delivers_again_what_has_not_completed(
    watched: Watched, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "outage").touch()
    watched.put("unlucky")
    watched.put("failed", "fail")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for("delivered", 2)
        wait_until(lambda: "the database is down" in caplog.text and "failed as asked" in caplog.text)
    assert watched.receipts() == []
    (tmp_path / "outage").unlink()
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(1)
    assert watched.count("delivered") == {"unlucky": 2, "failed": 2}
    assert watched.count("worked") == {"unlucky": 1}


def test_an_instance_that_is_restarted_and_completes_gives_its_blob_a_receipt(watched: Watched):
    watched.put("failed", "fail")
    with running_app(WATCHING, **watched.settings) as app:
        wait_until(lambda: [one for one in app.engine.instances.values() if one.status == "Failed"])
        (failed,) = app.engine.instances.values()
        app.start("Hold", [f"{watched.container}/failed", "corrected"], failed.id)
        watched.wait_for_receipts(1)


def test_a_blob_that_changed_since_it_was_listed_is_delivered_in_its_new_state(watched: Watched):
    for number in range(12):
        watched.put(f"{number:02}", "slow")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for("delivered", 1)
        watched.put("11", "changed")
        watched.inbox.delete_blob("10")
        watched.wait_for_receipts(11)
    contents = {line["content"] for line in watched.journal("worked") if line["worked"] == "inbox/11"}
    assert "changed" in contents


def test_a_missing_container_is_waited_for(watched: Watched, caplog: pytest.LogCaptureFixture):
    watched.inbox.delete_container()
    with running_app(WATCHING, **watched.settings):
        wait_until(lambda: f"waiting for the container '{watched.container}'" in caplog.text)
        watched.inbox.create_container()
        watched.put("first")
        watched.wait_for("worked", 1)
    assert caplog.text.count("waiting for the container") == 1


def test_a_name_that_azurite_cannot_list_does_not_hide_the_others(watched: Watched, caplog: pytest.LogCaptureFixture):
    others = ["a.png", "ctl.png", "ctm/ä.png", "dir/b.png", "é", "😀"]
    for name in [*others, "ctl\x01.png", "dir/\x1b[31m"]:
        watched.put(name)
    with running_app(WATCHING, **watched.settings):
        wait_until(lambda: f"'{watched.container}/dir/…', '{watched.container}/ctl…' is skipped" in caplog.text)
        watched.wait_for("worked", len(others))
    assert watched.count("worked") == dict.fromkeys(others, 1)


def test_a_storage_outage_is_logged_once_when_it_begins_and_once_when_it_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    ports = free_port(), free_port(), free_port()
    azurite = start_azurite(tmp_path / "azurite", ports)
    watched = Watched(azurite, tmp_path)
    with running_app(WATCHING, **watched.settings):
        watched.put("before")
        watched.wait_for_receipts(1)
        azurite.stop()
        wait_until(lambda: "does not answer as it should" in caplog.text)
        again = start_azurite(tmp_path / "azurite", ports, key=watched.service.credential.account_key)
        wait_until(lambda: "storage answers again" in caplog.text)
        watched.put("after")
        watched.wait_for_receipts(2)
    again.stop()
    assert (caplog.text.count("does not answer as it should"), watched.count("worked")) == (
        1,
        {"before": 1, "after": 1},
    )


def test_a_blob_labeled_as_compressed_is_delivered_as_it_is_stored(watched: Watched):
    mislabeled, compressed = b"not gzip at all", gzip.compress(b"x" * 1000)
    for name, content in [("mislabeled", mislabeled), ("compressed", compressed)]:
        watched.inbox.upload_blob(name, content, content_settings=ContentSettings(content_encoding="gzip"))
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(2)
    lengths = {line["delivered"]: line["length"] for line in watched.journal("delivered")}
    assert lengths == {"inbox/mislabeled": len(mislabeled), "inbox/compressed": len(compressed)}


def test_a_blob_that_cannot_be_read_ends_on_the_poison_queue_like_any_other(watched: Watched):
    watched.put("archived")
    watched.inbox.get_blob_client("archived").set_standard_blob_tier("Archive")
    watched.put("good")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(2)
    assert [message["BlobName"] for message in watched.poison()] == ["archived"]


def test_receipts_of_the_release_before_still_count(azurite: Azurite, tmp_path: Path):
    watched = Watched(azurite, tmp_path)
    watched.put("old")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(1)
    (key,) = watched.receipts()
    container = watched.service.get_container_client("azure-webjobs-hosts")
    (file,) = container.list_blob_names()
    container.delete_blob(file)
    container.upload_blob(f"{file.rpartition('/')[0]}/{key}", b"")
    watched.put("new")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(2)
    assert watched.count("delivered") == {"old": 1, "new": 1}


def test_many_receipts_cost_few_requests(azurite: Azurite, tmp_path: Path):
    watched = Watched(azurite, tmp_path)
    for number in range(60):
        watched.put(f"{number:02}")
    with running_app(WATCHING, **watched.settings):
        watched.wait_for_receipts(60)
    assert requests(watched.azurite, "PUT", "azure-webjobs-hosts/blobreceipts/") <= 30


def test_a_disabled_trigger_delivers_nothing(watched: Watched, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    watched.put("a")
    with running_app(WATCHING, **watched.settings | {"AzureWebJobs.Watch.Disabled": "true"}):
        assert "watching" not in caplog.text
    assert watched.reads() == 0


@pytest.mark.parametrize(
    ("listing", "is_idle", "seconds"),
    [(0.02, True, 1.0), (0.02, False, 1.0), (0.5, True, 5.0), (1.5, True, 7.5), (1.5, False, 1.5), (9.0, True, 9.0)],
)
def test_the_pause_between_listings_grows_with_their_cost_and_more_while_nothing_is_uploaded(
    listing: float, is_idle: bool, seconds: float
):
    assert pause(listing, is_idle=is_idle) == seconds
