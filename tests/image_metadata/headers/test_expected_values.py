"""A value that changes for a file that could be read before raises ``EXTRACTOR_VERSION``.

Rows say by which version they were read; ``imagectl reextract`` finds those that a later one would read differently.
After a change on purpose, raise the number and record the values anew:
``python -m tests.image_metadata.headers.test_expected_values``.
"""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers import EXTRACTOR_VERSION
from tests.corpus.catalog import CORPUS
from tests.corpus.reading import CountedFile

RECORD = Path(__file__).with_name("expected_values.json")


def values(sample):
    """The fields that are not null; of coordinates as many digits as every platform computes alike."""
    try:
        header = asdict(CountedFile(sample.data).header(sample.name))
    except HeaderRejectedError as rejection:
        return {"rejected": rejection.reason}
    return {
        name: round(value, 9) if isinstance(value, float) else value
        for name, value in header.items()
        if value is not None
    }


def changed(recorded, current):
    """The names of files that are read differently now; new files are none of them."""
    return [name for name, expected in recorded["files"].items() if current.get(name, expected) != expected]


@pytest.fixture(scope="module")
def recorded():
    return json.loads(RECORD.read_text("utf-8"))


def test_a_value_changes_only_with_the_extractor_version(recorded):
    if recorded["extractor_version"] == EXTRACTOR_VERSION:
        assert changed(recorded, {sample.name: values(sample) for sample in CORPUS}) == []


def test_the_record_is_of_the_present_version_and_corpus(recorded):
    assert recorded["extractor_version"] == EXTRACTOR_VERSION
    assert recorded["files"].keys() == {sample.name for sample in CORPUS}


def test_a_changed_value_is_detected(recorded):
    name, expected = next(iter(recorded["files"].items()))
    assert changed(recorded, {name: {**expected, "width": expected["width"] + 1}}) == [name]


def record():
    """One line a file, so that a change shows as the lines that it changes."""
    files = sorted((sample.name, json.dumps(values(sample))) for sample in CORPUS)
    lines = ",\n".join(f"{json.dumps(name)}: {line}" for name, line in files)
    RECORD.write_text(f'{{"extractor_version": {EXTRACTOR_VERSION}, "files": {{\n{lines}\n}}}}\n', "utf-8")


if __name__ == "__main__":
    record()
