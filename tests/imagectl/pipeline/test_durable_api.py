"""The client of the durable HTTP API, on the shapes that the Functions host answers with."""

import pytest

from image_metadata.instance_status import LIVE
from image_metadata.model import Upload
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApiError, DurableApp, Instance
from tests.imagectl.durable_double import DurableDouble

UPLOAD = Upload("account", "image-input", "2026/a b?sig=c.png", "0x8DE1234567890AB")
KEY = "system-key-of-the-test"
pytestmark = pytest.mark.usefixtures("no_waiting")


def failed(output: str, custom_status: dict[str, str] | None = None) -> Instance:
    return Instance(UPLOAD.id, "OrchestratorFunction", "Failed", None, output, "2026-11-22T06:40:00Z", custom_status)


def test_an_upload_starts_under_its_own_id(durable: DurableDouble):
    assert DurableApp(durable.url).start(UPLOAD)
    assert durable.starts == [UPLOAD.id]


@pytest.mark.parametrize("status", LIVE)
@pytest.mark.parametrize("legacy", [False, True], ids=["409", "500 of older extensions"])
def test_a_live_instance_is_left_alone(durable: DurableDouble, status: str, legacy: bool):
    durable.legacy = legacy
    durable.add(UPLOAD.id, status)
    assert not DurableApp(durable.url).start(UPLOAD)
    assert durable.starts == []


def test_a_finished_instance_is_replaced_with_the_input_it_had(durable: DurableDouble):
    app = DurableApp(durable.url)
    app.start(UPLOAD)
    first = app.find(UPLOAD.id)
    assert first is not None
    durable.instances[UPLOAD.id]["runtimeStatus"] = "Failed"
    assert app.start_again(first.id, first.input)
    assert app.find(UPLOAD.id) == first


def test_an_unknown_instance_is_not_found(durable: DurableDouble):
    assert DurableApp(durable.url).find(UPLOAD.id) is None


def test_an_instance_that_was_purged_has_no_attempts(durable: DurableDouble):
    assert DurableApp(durable.url).attempts("purged", "StoreMetadata") == 0


def test_every_page_is_listed_and_other_orchestrators_are_left_out(durable: DurableDouble):
    for number in range(7):
        durable.add(f"id-{number}", "Failed", name="OrchestratorFunction" if number else "Another")
    durable.add("id-running", "Running")
    found = DurableApp(durable.url).instances(UNSUCCESSFUL)
    assert [instance.id for instance in found] == [f"id-{number}" for number in range(1, 7)]


def test_a_purge_says_how_many_it_deleted(durable: DurableDouble):
    durable.add("old", "Completed", createdTime="2026-01-01T00:00:00Z")
    durable.add("new", "Completed")
    app = DurableApp(durable.url)
    span = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert [app.purge(["Completed"], *span), app.purge(["Completed"], *span)] == [1, 0]


@pytest.mark.parametrize("faults", [[0], [503, 429], [500]])
def test_a_hiccup_of_the_app_is_retried(durable: DurableDouble, faults: list[int | None]):
    durable.faults = faults
    assert DurableApp(durable.url).start(UPLOAD)


def test_an_app_that_keeps_failing_is_one_sentence(durable: DurableDouble):
    durable.faults = [503] * 10
    with pytest.raises(DurableApiError, match=r"found status 503; read the app's log"):
        DurableApp(durable.url).start(UPLOAD)


def test_an_app_that_does_not_run_is_one_sentence():
    with pytest.raises(DurableApiError, match=r"but nothing listens there; start the app, or name it with --url"):
        list(DurableApp("http://127.0.0.1:1").instances(LIVE))


def test_the_key_travels_as_a_header_and_never_in_a_message(durable: DurableDouble):
    durable.key = KEY
    assert DurableApp(durable.url, KEY).start(UPLOAD)
    with pytest.raises(DurableApiError, match="set FUNCTIONS_KEY to the app's system key") as raised:
        DurableApp(durable.url, "wrong").start(UPLOAD)
    assert "wrong" not in str(raised.value)


def test_a_key_is_not_sent_over_plain_http_to_another_machine():
    with pytest.raises(DurableApiError, match=r"expected https for http://app\.example"):
        DurableApp("http://app.example", KEY)


@pytest.mark.parametrize("url", ["127.0.0.1:7071", "ftp://app.example", "app"])
def test_a_url_without_scheme_or_host_is_refused(url: str):
    with pytest.raises(DurableApiError, match="give scheme and host"):
        DurableApp(url)


@pytest.mark.parametrize("path", ["/admin", "/api/x"])
def test_an_address_without_a_functions_app_is_reported(durable: DurableDouble, path: str):
    with pytest.raises(DurableApiError, match="found status 404; name the app with --url, without a path"):
        list(DurableApp(durable.url + path).instances(LIVE))


def test_the_code_in_the_custom_status_says_that_a_blob_is_inaccessible():
    assert failed("", {"code": "inaccessible"}).code == "inaccessible"
    assert failed("failed: inaccessible: no", {"code": "retries_exhausted"}).code == "retries_exhausted"


def test_the_failure_texts_of_earlier_releases_are_understood():
    failure = "Orchestrator function 'OrchestratorFunction' failed: "
    assert failed(f"{failure}CannotReadNow: expected to read a, found BlobArchived").code == "inaccessible"
    assert failed(f"{failure}StoreMetadata gave up after 57 attempts: CannotReadNow").code == "failed"
