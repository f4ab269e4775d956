"""One state of one blob has one id."""

import hashlib

import pytest

from image_metadata.model import BlobFacts, Upload

UPLOAD = Upload("pictures", "image-input", "2026/a b.jpg", "0x8DE1")


def test_the_upload_id_is_sha256_of_the_canonical_json_of_account_container_name_and_etag():
    canonical = b'["pictures","image-input","2026/a b.jpg","0x8DE1"]'
    assert UPLOAD.id == hashlib.sha256(canonical).hexdigest()


def test_a_quoted_and_an_unquoted_etag_are_the_same_upload():
    assert Upload("pictures", "image-input", "2026/a b.jpg", '"0x8DE1"').id == UPLOAD.id


@pytest.mark.parametrize("other", ["2026/A b.jpg", "2026/a b.jpg ", "2026/a%20b.jpg", "2026/a b.jpé"])
def test_names_that_differ_in_any_way_are_different_uploads(other: str):
    assert Upload("pictures", "image-input", other, "0x8DE1").id != UPLOAD.id


def test_the_file_size_is_bytes_by_1024_unrounded():
    assert BlobFacts(size=1000, uploaded_at="").file_size_kb == 1000 / 1024
