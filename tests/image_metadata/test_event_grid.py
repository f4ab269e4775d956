"""An Event Grid event is read as it is, or refused with the reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_metadata.errors import EventError
from image_metadata.event_grid import BlobEvent, EventType, read_event
from tests.support.events import TOPIC, event


def test_an_upload_is_read():
    assert read_event(event("2026/a b.png", "0x8DE1")) == BlobEvent(
        EventType.CREATED, "devstoreaccount1", "image-input", "2026/a b.png", "0x8DE1", has_content=True
    )


@pytest.mark.parametrize(
    "name", ["写真 😀.png", "x?sig=1&a=b#c.png", "100%41.png", "a/blobs/b.png", "a+b.png", "a\nb.png"]
)
def test_the_name_is_that_of_the_subject_unchanged(name: str):
    assert read_event(event(name)).name == name


@given(st.text(min_size=1, alphabet=st.characters(exclude_characters="\N{REPLACEMENT CHARACTER}")))
def test_every_name_is_read(name: str):
    assert read_event(event(name)).name == name


@pytest.mark.parametrize("api", ["CreateFile", "SftpCreate"])
def test_a_file_that_is_created_before_its_content_has_none(api: str):
    assert not read_event(event("a.png", data={"api": api})).has_content


@pytest.mark.parametrize("api", ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SomethingNew"])
def test_every_other_creation_has_content(api: str):
    assert read_event(event("a.png", data={"api": api})).has_content


def test_a_deletion_has_no_etag():
    found = read_event(event("a.png", None, eventType="Microsoft.Storage.BlobDeleted", data={"api": "DeleteBlob"}))
    assert (found.type, found.etag) == (EventType.DELETED, None)


def test_the_account_is_compared_in_lower_case():
    assert read_event(event("a.png", topic=f"{TOPIC}Pictures")).account == "pictures"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "as a JSON object, found 0 characters"),
        ("[]", "as a JSON object"),
        ("[" * 100_000, "as a JSON object"),
        ("{}", "found eventType None"),
        (event("a.png", eventType="Microsoft.EventGrid.SubscriptionValidationEvent"), "found eventType"),
        (event("a.png", subject="/blobServices/default/containers/c"), "name account, container and blob"),
        (event("a.png", topic="/subscriptions/x"), "name account, container and blob"),
        (json.dumps({"eventType": "Microsoft.Storage.BlobCreated"}), "name account, container and blob"),
        (event("phot\N{REPLACEMENT CHARACTER}.png"), "found a damaged one"),
    ],
    ids=range(9),
)
def test_what_is_not_such_an_event_is_refused_with_the_reason(message: str, reason: str):
    with pytest.raises(EventError, match=reason):
        read_event(message)


@pytest.mark.parametrize("data", [None, [], "text"])
def test_an_event_without_data_has_no_etag(data: object):
    message = json.loads(event("a.png")) | {"data": data}
    assert read_event(json.dumps(message)).etag is None
