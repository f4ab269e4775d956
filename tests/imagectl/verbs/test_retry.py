"""`imagectl retry` on real storage and a real database; the app is a durable API that runs nothing."""

import base64

import pytest

from image_metadata.errors import TransientDatabaseError
from image_metadata.model import RejectionReason
from image_metadata.payload import encode
from imagectl.pipeline.durable_api import DurableApiError
from imagectl.pipeline.poison_queue import POLLING_DISABLED, poison_queues
from imagectl.verbs import retry
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl
from tests.support.events import event

pytestmark = pytest.mark.usefixtures("stack", "no_waiting")


def test_every_failed_instance_is_started_again_with_its_id_and_input(durable: DurableDouble):
    for number, status in enumerate(["Failed", "Terminated", "Canceled", "Failed", "Completed", "Running"]):
        durable.add(f"id-{number}", status, input=f'{{"name": "{number}"}}')
    before = {each: instance["input"] for each, instance in durable.instances.items()}
    assert imagectl("retry", "--url", durable.url) == 0
    assert sorted(durable.starts) == ["id-0", "id-1", "id-2", "id-3"]
    assert {each: instance["input"] for each, instance in durable.instances.items()} == before


def test_retried_twice_nothing_is_started_twice(durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    durable.add("id", "Failed", customStatus={"step": "StoreMetadata", "blob": "image-input%2Fa.png"})
    imagectl("retry", "--url", durable.url)
    output = capsys.readouterr()
    assert output.out == "kind\tresult\tblob\nfailed\tstarted\timage-input/a.png\n"
    assert output.err == "1 failed: started.\n"
    imagectl("retry", "--url", durable.url)
    output = capsys.readouterr()
    assert (output.out, output.err) == ("kind\tresult\tblob\n", "Nothing to retry.\n")
    assert durable.starts == ["id"]


def test_a_dry_run_shows_everything_and_changes_nothing(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    for number in range(12):
        durable.add(f"id-{number:02}", "Failed")
    stack.put_poison("b.png")
    before = (durable.statuses(), stack.poisoned())
    imagectl("retry", "--dry-run", "--url", durable.url)
    failed = "".join(f"failed\twould start\tid-{number:02}\n" for number in range(12))
    assert capsys.readouterr().out == f"kind\tresult\tblob\n{failed}poisoned\twould start\timage-input/b.png\n"
    assert (durable.statuses(), stack.poisoned(), durable.starts) == (*before, [])


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
def test_a_poison_message_starts_the_present_state_of_its_blob_and_is_deleted(
    stack: Stack, durable: DurableDouble, encoded: bool
):
    stack.upload("2026/a b?sig=.png")
    newest = stack.upload("2026/a b?sig=.png", b"newer bytes")
    stack.put_poison("2026/a b?sig=.png", encoded=encoded)
    imagectl("retry", "--url", durable.url)
    assert (durable.starts, stack.poisoned()) == ([newest.id], [])
    assert durable.instances[newest.id]["input"] == encode(newest)


def test_a_poisoned_event_starts_the_present_state_of_its_blob_and_is_deleted(stack: Stack, durable: DurableDouble):
    newest = stack.upload("2026/a b?sig=#.png")
    queue = stack.event_poison()
    queue.send_message(base64.b64encode(event("2026/a b?sig=#.png").encode()).decode())
    queue.send_message(base64.b64encode(event("a.png", container="others").encode()).decode())
    imagectl("retry", "--url", durable.url)
    assert durable.starts == [newest.id]
    assert queue.get_queue_properties().approximate_message_count == 1


def test_the_queue_of_a_disabled_trigger_is_not_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(POLLING_DISABLED, "true")
    assert [queue.queue_name for queue in poison_queues()] == ["image-events-poison"]


def test_messages_of_other_apps_and_containers_stay_as_they_are(stack: Stack, durable: DurableDouble):
    stack.upload("a.png")
    stack.put_poison("a.png", ContainerName="others")
    stack.put_poison("a.png", FunctionId="Host.Functions.AnotherTrigger")
    stack.put_poison("a.png", encoded=True, ContainerName="others")
    stack.poison.send_message("no JSON <&> at all")
    before = stack.poisoned()
    imagectl("retry", "--url", durable.url)
    assert (durable.starts, stack.poisoned()) == ([], before)


def test_ours_are_found_behind_many_of_others(stack: Stack, durable: DurableDouble):
    for number in range(70):
        stack.put_poison(f"{number}.png", ContainerName="others")
    upload = stack.upload("a.png")
    stack.put_poison("a.png")
    imagectl("retry", "--url", durable.url)
    assert durable.starts == [upload.id]
    assert stack.poison.get_queue_properties().approximate_message_count == 70


def test_the_message_of_a_deleted_blob_is_deleted_and_reported(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    stack.put_poison("a\nb.png")
    imagectl("retry", "--url", durable.url)
    assert (durable.starts, stack.poisoned()) == ([], [])
    assert "poisoned\tdeleted before it was read\timage-input/a%0Ab.png\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "output", "starts"),
    [
        ("Running", None, 0),
        ("Completed", {"kind": "metadata"}, 0),
        ("Completed", {"kind": "gone"}, 1),
        ("Failed", "", 1),
    ],
)
def test_a_poison_message_starts_only_what_the_trigger_would(
    stack: Stack, durable: DurableDouble, status: str, output: object, starts: int
):
    durable.add(stack.upload("a.png").id, status, output=output)
    stack.put_poison("a.png")
    list(retry.retry_poison(retry.DurableApp(durable.url), 10))
    assert (len(durable.starts), stack.poisoned()) == (starts, [])


def test_a_message_is_kept_and_visible_when_its_start_fails(stack: Stack, durable: DurableDouble):
    stack.upload("a.png")
    stack.put_poison("a.png")
    stack.put_poison("a.png", ContainerName="others")
    before = stack.poisoned()
    listed, looked_up = None, None
    durable.faults = [listed, looked_up, *[503] * 20]
    with pytest.raises(DurableApiError):
        list(retry.retry_poison(retry.DurableApp(durable.url), 10))
    assert stack.poisoned() == before


def test_without_a_poison_queue_there_are_no_messages(stack: Stack, durable: DurableDouble):
    stack.poison.delete_queue()
    assert imagectl("retry", "--url", durable.url) == 0


def test_a_rejection_with_that_reason_is_cleared_and_started(stack: Stack, durable: DurableDouble):
    corrupt, unsupported = stack.upload("corrupt.png"), stack.upload("unsupported.xyz")
    stack.reject(corrupt)
    stack.reject(unsupported, RejectionReason.UNSUPPORTED_FORMAT)
    imagectl("retry", "--rejected", "unsupported_format", "--url", durable.url)
    assert (durable.starts, stack.rejected()) == ([unsupported.id], {"corrupt.png"})


def test_a_rejection_of_a_past_state_stays(stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    for name in ("deleted.png", "overwritten.png"):
        stack.reject(stack.upload(name))
    stack.container.delete_blob("deleted.png")
    stack.upload("overwritten.png", b"other bytes")
    imagectl("retry", "--rejected", "corrupt", "--url", durable.url)
    assert (durable.starts, stack.rejected()) == ([], {"deleted.png", "overwritten.png"})
    assert capsys.readouterr().err == "1 blobs: none to read again.\n"


def test_rejections_of_more_than_one_batch_are_restarted(
    stack: Stack, durable: DurableDouble, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("imagectl.reextraction.selection._AT_ONCE", 3)
    durable.ends_when_listed = True
    uploads = [stack.upload(f"{number}.png") for number in range(8)]
    for upload in uploads:
        stack.reject(upload)
    imagectl("retry", "--rejected", "corrupt", "--max-running", "4", "--url", durable.url)
    assert (set(durable.starts), stack.rejected()) == ({upload.id for upload in uploads}, set())


def test_killed_between_clearing_and_starting_the_blob_is_left_to_backfill(stack: Stack, durable: DurableDouble):
    upload = stack.upload("a.png")
    stack.reject(upload)
    listed = None
    durable.faults = [listed, *[503] * 20]
    with pytest.raises(DurableApiError):
        imagectl("retry", "--rejected", "corrupt", "--url", durable.url)
    durable.faults.clear()
    imagectl("backfill", "--url", durable.url)
    assert durable.starts == [upload.id]


def test_without_the_permission_to_delete_nothing_is_lost(stack: Stack, durable: DurableDouble):
    stack.reject(stack.upload("a.png"))
    stack.forbid_deletes()
    with pytest.raises(TransientDatabaseError):
        imagectl("retry", "--rejected", "corrupt", "--url", durable.url)
    assert (durable.starts, stack.rejected()) == ([], {"a.png"})


def test_waiting_and_rejected_exclude_each_other(durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        imagectl("retry", "--waiting", "--rejected", "corrupt", "--url", durable.url)
    assert "not allowed with argument" in capsys.readouterr().err
