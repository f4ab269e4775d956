"""What crosses a boundary is plain JSON, small, and without anything that looks like a secret."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_metadata.model import (
    BlobFacts,
    Deleted,
    ImageHeader,
    ImageMetadata,
    Inaccessible,
    Rejection,
    RejectionReason,
    Upload,
    outcome_from_dict,
    outcome_to_dict,
)

UPLOAD = Upload("pictures", "image-input", "2026/a b.jpg", "0x8DE1")
FACTS = BlobFacts(size=1536, uploaded_at="2026-11-22T06:28:51.000", content_type="image/jpeg", content_md5="SK/c+G8=")
HEADER = ImageHeader(width=640, height=480, format="JPEG", display_width=480, display_height=640, orientation=6)
OUTCOMES = [
    ImageMetadata(instance_id="i", upload=UPLOAD, blob=FACTS, image=HEADER, content_type_matches=True),
    Rejection(instance_id="i", upload=UPLOAD, blob=FACTS, reason=RejectionReason.CORRUPT, detail="expected é, found ?"),
    Deleted(instance_id="i", upload=UPLOAD),
    Inaccessible(instance_id="i", upload=UPLOAD, detail="archived"),
]
SECRETS = ("?sig=", "&sig=", "Password=", "pwd=", "Server=", "AccountKey=", "Token=", "Data Source=", "\nStack:")


def test_the_upload_id_is_sha256_of_the_canonical_json_of_what_identifies_the_upload():
    canonical = b'["pictures","image-input","2026/a b.jpg","0x8DE1"]'
    assert UPLOAD.id == hashlib.sha256(canonical).hexdigest()


def test_a_quoted_and_an_unquoted_etag_are_the_same_upload():
    assert (
        Upload("pictures", "image-input", "a.jpg", '"0x1"').id == Upload("pictures", "image-input", "a.jpg", "0x1").id
    )


@pytest.mark.parametrize("other", ["2026/A b.jpg", "2026/a b.jpg ", "2026/a%20b.jpg", "2026/a b.jpé"])
def test_names_that_differ_in_any_way_are_different_uploads(other: str):
    assert Upload("pictures", "image-input", other, "0x8DE1").id != UPLOAD.id


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_an_outcome_survives_the_way_through_json(outcome):
    assert outcome_from_dict(json.loads(json.dumps(outcome_to_dict(outcome)))) == outcome


@given(name=st.text(min_size=1, max_size=1024))
def test_every_blob_name_survives_the_way_through_json(name: str):
    upload = Upload("pictures", "image-input", name, "0x1")
    assert Upload.from_dict(json.loads(json.dumps(upload.to_dict()))) == upload


@pytest.mark.parametrize("secret", SECRETS)
def test_no_text_in_a_payload_spells_a_secret(secret: str):
    upload = Upload("pictures", "image-input", f"a{secret}b.png", "0x1")
    outcome = Rejection(instance_id="i", upload=upload, blob=FACTS, reason=RejectionReason.EMPTY, detail=secret)
    assert secret not in json.dumps(outcome_to_dict(outcome), ensure_ascii=False)


def test_a_payload_stays_under_16_kb_for_the_longest_name_and_the_longest_texts():
    upload = Upload("a" * 24, "c" * 63, "😀" * 1024, "0x8DE1234567890AB")
    texts = dict.fromkeys(("camera_make", "camera_model", "lens_model"), "😀" * 80)
    image = ImageHeader(width=2**31, height=2**31, format="JPEG2000", display_width=1, display_height=1, **texts)
    facts = BlobFacts(size=2**40, uploaded_at=FACTS.uploaded_at, content_type="=" * 127, content_md5="=" * 24)
    outcome = ImageMetadata(instance_id=upload.id, upload=upload, blob=facts, image=image, content_type_matches=False)
    assert len(json.dumps(outcome_to_dict(outcome))) < 16 * 1024


def test_a_key_of_a_later_version_is_left_out():
    assert Upload.from_dict(UPLOAD.to_dict() | {"invented": 1}) == UPLOAD


@pytest.mark.parametrize("payload", [None, [], "text", {}, {"account": "a"}])
def test_a_payload_that_is_no_upload_is_refused_by_name(payload):
    with pytest.raises(ValueError, match="expected the payload of Upload"):
        Upload.from_dict(payload)


@pytest.mark.parametrize("payload", [None, {}, {"kind": "gone"}, {"kind": "other"}])
def test_a_payload_that_is_no_outcome_is_refused(payload):
    with pytest.raises(ValueError, match="expected"):
        outcome_from_dict(payload)


def test_the_file_size_is_bytes_by_1024_unrounded():
    assert BlobFacts(size=1000, uploaded_at="").file_size_kb == 1000 / 1024
