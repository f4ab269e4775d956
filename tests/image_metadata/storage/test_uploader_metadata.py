"""The uploader's own metadata fits a payload and its column; whole keys are left out."""

import json
from urllib.parse import quote

from image_metadata.storage.uploader_metadata import as_json


def test_none_is_none():
    assert as_json(None, "a.png") == as_json({}, "a.png") == (None, None)


def test_every_key_is_kept_when_all_fit():
    assert as_json({"b": "2", "a": "é"}, "a.png") == ('{"a":"é","b":"2"}', 0)


def test_a_key_that_does_not_fit_is_left_out_whole_and_counted_and_smaller_ones_are_kept():
    text, omitted = as_json({"a": "x" * 1_000, "b": "y" * 3_000, "c": "z" * 500}, "a.png")
    assert (json.loads(str(text)), omitted) == ({"a": "x" * 1_000, "c": "z" * 500}, 1)


def test_the_limit_is_2_kb_as_a_payload_encodes_it():
    text, omitted = as_json({f"k{number}": "=" * 50 for number in range(50)}, "a.png")
    assert 1_800 < len(quote(str(text), safe="")) <= 2_048
    assert omitted == 50 - len(json.loads(str(text)))


def test_a_name_that_fills_the_payload_leaves_no_room():
    assert as_json({"a": "1"}, "😀" * 1_024) == ("{}", 1)
