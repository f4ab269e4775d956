"""ExifTool, an independent implementation, reports the same values."""

import json
import subprocess

import pytest

from tests.corpus.catalog import CORPUS
from tests.corpus.deliberate import EXIFTOOL_SAYS_OTHERWISE
from tests.corpus.reading import CountedFile
from tests.support.exiftool import EXIFTOOL, needs_exiftool

pytestmark = needs_exiftool

TAGS = ["ImageWidth", "ImageHeight", "EXIF:Orientation", "EXIF:DateTimeOriginal", "EXIF:Make", "EXIF:Model"]
TAGS += ["XMP:DateTimeOriginal", "PNG:CreationTime", "IPTC:DateCreated", "IPTC:TimeCreated", "XMP:Make", "XMP:Model"]
TAGS += ["XMP:LensModel", "EXIF:LensModel", "XMP:GPSLatitude", "XMP:GPSLongitude", "Composite:GPSPosition"]
UNKNOWN_TO_EXIFTOOL = {"dds", "icns", "pam", "qoi", "sgi", "tga"}
KNOWN = [sample for sample in CORPUS if sample.family not in UNKNOWN_TO_EXIFTOOL]


@pytest.fixture(scope="module")
def opinions(tmp_path_factory):
    """ExifTool's opinion of every file, from one run."""
    folder = tmp_path_factory.mktemp("corpus")
    for sample in CORPUS:
        (folder / sample.name).write_bytes(sample.data)
    command = [*EXIFTOOL, "-json", "-n", "-q", *[f"-{tag}" for tag in TAGS], str(folder)]
    answer = json.loads(subprocess.run(command, capture_output=True, check=False, text=True).stdout)
    return {opinion["SourceFile"].rpartition("/")[2]: opinion for opinion in answer}


@pytest.mark.parametrize("sample", [sample for sample in KNOWN if "edited" in sample.name], ids=str)
def test_exiftool_sees_the_same_outside_exif(sample, opinions):
    header = CountedFile(sample.data).header(sample.name)
    said = opinions[sample.name]
    date = said.get("DateTimeOriginal") or said.get("CreationTime") or f"{said['DateCreated']} {said['TimeCreated']}"
    names = {"Make": header.camera_make, "Model": header.camera_model, "LensModel": header.lens_model}
    assert _exif_time(header.taken_at) == date[:19]
    assert names == {name: said.get(name) for name in names}


@pytest.mark.parametrize("sample", [sample for sample in KNOWN if "latitude" in sample.truth], ids=str)
def test_exiftool_sees_the_same_place(sample, opinions):
    header = CountedFile(sample.data).header(sample.name)
    said = opinions[sample.name]
    position = said.get("GPSPosition") or f"{said['GPSLatitude']} {said['GPSLongitude']}"
    assert [header.latitude, header.longitude] == pytest.approx([float(part) for part in position.split()])


@pytest.mark.parametrize("sample", KNOWN, ids=str)
def test_exiftool_sees_the_same_size_except_on_purpose(sample, opinions):
    header = CountedFile(sample.data).header(sample.name)
    found = {"ImageWidth": header.width, "ImageHeight": header.height}
    said = _said(opinions[sample.name], found)
    assert (found.items() >= said.items()) is (sample.name not in EXIFTOOL_SAYS_OTHERWISE), said


@pytest.mark.parametrize("sample", [sample for sample in KNOWN if "camera" in sample.name], ids=str)
def test_exiftool_sees_the_same_camera_and_time(sample, opinions):
    header = CountedFile(sample.data).header(sample.name)
    found = {"Make": header.camera_make, "Model": header.camera_model, "DateTimeOriginal": _exif_time(header.taken_at)}
    assert found == _said(opinions[sample.name], found)


@pytest.mark.parametrize("sample", [sample for sample in KNOWN if "orientation" in sample.name], ids=str)
def test_exiftool_sees_the_same_orientation(sample, opinions):
    said = opinions[sample.name]["Orientation"]
    assert CountedFile(sample.data).header(sample.name).orientation == (said if said in range(1, 9) else None)


def _said(opinion, fields):
    return {name: opinion[name] for name in fields if name in opinion}


def _exif_time(taken_at):
    return taken_at[:19].replace("-", ":").replace("T", " ")
