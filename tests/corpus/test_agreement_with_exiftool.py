"""A second opinion: ExifTool reads files with code of its own."""

import json
import shutil
import subprocess

import pytest

from tests.corpus.catalogue import CORPUS
from tests.corpus.reading import CountedFile

TAGS = ["ImageWidth", "ImageHeight", "EXIF:Orientation", "EXIF:DateTimeOriginal", "EXIF:Make", "EXIF:Model"]
UNKNOWN_TO_EXIFTOOL = {"dds", "icns", "qoi", "sgi", "tga"}
DIFFERENT_SIZES = {
    "gif-frame-past-the-screen.gif": "ExifTool gives the screen; the picture is larger",
    "bmp-os2-2.bmp": "ExifTool takes this header's height for 16 bits",
    "ico-four.ico": "ExifTool gives the first picture, not the largest",
    "ico-bitmaps.ico": "as above",
    "cur-three.cur": "as above",
    **{f"tiff-orientation-{turn}.tif": "ExifTool gives the stored size; Pillow turns a TIFF" for turn in (5, 6, 7, 8)},
}
KNOWN = [sample for sample in CORPUS if sample.family not in UNKNOWN_TO_EXIFTOOL]


@pytest.fixture(scope="module")
def opinions(tmp_path_factory):
    """ExifTool's opinion of every file, from one run."""
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("ExifTool is not installed (Debian: libimage-exiftool-perl)")
    folder = tmp_path_factory.mktemp("corpus")
    for sample in CORPUS:
        (folder / sample.name).write_bytes(sample.data)
    command = [program, "-json", "-n", "-q", *[f"-{tag}" for tag in TAGS], str(folder)]
    answer = json.loads(subprocess.run(command, capture_output=True, check=False, text=True).stdout)
    return {opinion["SourceFile"].rpartition("/")[2]: opinion for opinion in answer}


@pytest.mark.parametrize("sample", [sample for sample in KNOWN if sample.name not in DIFFERENT_SIZES], ids=str)
def test_exiftool_sees_the_same_size(sample, opinions):
    header = CountedFile(sample.data).header(sample.name)
    found = {"ImageWidth": header.width, "ImageHeight": header.height}
    assert found.items() >= _said(opinions[sample.name], found).items()


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
