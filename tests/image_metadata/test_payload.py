"""What crosses a boundary is plain JSON, small, and without anything that looks like a secret."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_metadata.errors import PayloadError
from image_metadata.model import (
    BlobFacts,
    Deleted,
    Failure,
    FailureCode,
    ImageHeader,
    ImageMetadata,
    Inaccessible,
    Rejection,
    RejectionReason,
    StoredRow,
    Upload,
    WorkflowStatus,
)
from image_metadata.payload import decode, decode_outcome, decode_upload, encode, kind_of, text_of
from image_metadata.storage.uploader_metadata import as_json

UPLOAD = Upload("pictures", "image-input", "2026/a b.jpg", "0x8DE1")
FACTS = BlobFacts(
    size=1536,
    uploaded_at="2026-11-22T06:28:51.000",
    read_at="2026-11-22T06:28:59.123",
    content_type="image/jpeg",
    content_md5="SK/c+G8=",
)
HEADER = ImageHeader(width=640, height=480, format="JPEG", display_width=480, display_height=640, orientation=6)
OUTCOMES = [
    ImageMetadata(instance_id="i", upload=UPLOAD, blob=FACTS, image=HEADER, content_type_matches=True),
    Rejection(instance_id="i", upload=UPLOAD, blob=FACTS, reason=RejectionReason.CORRUPT, detail="expected é, found ?"),
    Deleted(instance_id="i", upload=UPLOAD),
    Inaccessible(instance_id="i", upload=UPLOAD, detail="archived"),
]
OTHERS = [
    Failure(code=FailureCode.INTERNAL_ERROR, detail="expected x, found y"),
    StoredRow(kind="rejection", upload_id=UPLOAD.id, reason=RejectionReason.EMPTY),
    StoredRow(kind="metadata", upload_id=UPLOAD.id),
    WorkflowStatus(step="StoreMetadata", blob="image-input/a b.png", code=FailureCode.RETRIES_EXHAUSTED),
    WorkflowStatus(step="StoreMetadata", blob="image-input/a b.png"),
]
SECRETS = ("?sig=", "&sig=", "Password=", "pwd=", "Server=", "AccountKey=", "Token=", "Data Source=", "\nStack:")


def through_json(payload):
    return json.loads(json.dumps(payload))


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_an_outcome_survives_the_way_through_json(outcome):
    assert decode_outcome(through_json(encode(outcome))) == outcome


@pytest.mark.parametrize("record", OTHERS, ids=lambda record: type(record).__name__)
def test_a_record_survives_the_way_through_json(record):
    assert decode(type(record), through_json(encode(record))) == record


@given(name=st.text(min_size=1, max_size=1024))
def test_every_blob_name_survives_the_way_through_json(name: str):
    upload = Upload("pictures", "image-input", name, "0x1")
    assert decode_upload(through_json(encode(upload))) == upload


@pytest.mark.parametrize(("earlier", "kind"), [("gone", "deleted"), ("unreadable", "inaccessible")])
def test_the_kinds_of_earlier_releases_are_understood(earlier: str, kind: str):
    payload = {"kind": earlier, "instance_id": "i", "upload": encode(UPLOAD), "detail": "archived"}
    assert kind_of(payload) == kind
    assert kind_of(encode(decode_outcome(payload))) == kind


@pytest.mark.parametrize("secret", SECRETS)
def test_no_text_in_a_payload_spells_a_secret(secret: str):
    upload = Upload("pictures", "image-input", f"a{secret}b.png", "0x1")
    outcome = Rejection(instance_id="i", upload=upload, blob=FACTS, reason=RejectionReason.EMPTY, detail=secret)
    assert secret not in json.dumps(encode(outcome), ensure_ascii=False)


@pytest.mark.parametrize("name", ["😀" * 1024, "é" * 1024, "x" * 1024], ids=["emoji", "accents", "ASCII"])
def test_a_payload_stays_under_16_kb_for_the_longest_name_and_the_longest_texts(name: str):
    upload = Upload("a" * 24, "c" * 63, name, "0x8DE1234567890AB")
    texts = dict.fromkeys(("camera_make", "camera_model", "lens_model"), "😀" * 80)
    image = ImageHeader(width=2**31, height=2**31, format="JPEG2000", display_width=1, display_height=1, **texts)
    of_the_uploader, omitted = as_json({f"key{number}": "=" * 100 for number in range(80)}, name)
    facts = BlobFacts(
        size=2**40,
        uploaded_at=FACTS.uploaded_at,
        content_type="=" * 127,
        content_md5="=" * 24,
        metadata=of_the_uploader,
        metadata_omitted=omitted,
    )
    outcome = ImageMetadata(instance_id=upload.id, upload=upload, blob=facts, image=image, content_type_matches=False)
    assert len(json.dumps(encode(outcome))) < 16 * 1024


def test_a_key_of_a_later_version_is_ignored():
    assert decode_upload(encode(UPLOAD) | {"invented": 1}) == UPLOAD


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (None, "the type NoneType"),
        ([], "the type list"),
        ("text", "the type str"),
        ({}, "no account"),
        ({"account": "a"}, "no container"),
        (encode(UPLOAD) | {"etag": 5}, "an unexpected value of etag"),
    ],
)
def test_a_payload_that_is_not_an_upload_is_refused_with_what_was_found(payload, found: str):
    with pytest.raises(PayloadError, match=f"^expected the payload of Upload, found {found}; start"):
        decode_upload(payload)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (None, "an outcome of ExtractMetadata, found no kind;"),
        ({}, "an outcome of ExtractMetadata, found no kind;"),
        ({"kind": []}, "an outcome of ExtractMetadata, found no kind;"),
        ({"kind": "other"}, "an outcome of ExtractMetadata, found the kind other;"),
        ({"kind": "deleted"}, "the payload of Deleted, found no instance_id;"),
        (encode(OUTCOMES[0]) | {"upload": 1}, "the payload of Upload, found the type int;"),
    ],
)
def test_a_payload_that_is_not_an_outcome_is_refused_with_what_was_found(payload, found: str):
    with pytest.raises(PayloadError, match=f"^expected {found}"):
        decode_outcome(payload)


def test_one_text_is_decoded_without_the_rest():
    assert text_of(encode(OUTCOMES[0]), "upload", "name") == "2026/a b.jpg"
    assert text_of(None, "upload", "name") == text_of({"upload": 1}, "upload", "name") == ""
