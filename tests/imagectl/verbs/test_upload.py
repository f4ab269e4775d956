"""``upload``: which blobs files and folders become."""

from pathlib import Path

import pytest

from imagectl.verbs.upload import Source, UploadError, find_sources
from tests.imagectl.stack import Stack, imagectl


@pytest.fixture
def holiday(tmp_path: Path):
    """A folder of two images, with what file managers leave in it."""
    folder = tmp_path / "holiday"
    (folder / "beach").mkdir(parents=True)
    (folder / ".thumbnails").mkdir()
    for name in ("a.png", "beach/b c.jpg", ".DS_Store", ".thumbnails/a.png"):
        (folder / name).write_bytes(b"bytes")
    return folder


def blobs(stack: Stack) -> dict[str, str]:
    """Content type by name."""
    return {blob.name: blob.content_settings.content_type for blob in stack.container.list_blobs()}


def test_a_file_becomes_a_blob_of_its_name(holiday: Path):
    assert find_sources([holiday / "beach" / "b c.jpg"]) == [Source(holiday / "beach" / "b c.jpg", "b c.jpg")]


def test_the_files_of_a_folder_keep_their_names_in_it_and_hidden_ones_stay(holiday: Path):
    assert [source.name for source in find_sources([holiday])] == ["holiday/a.png", "holiday/beach/b c.jpg"]


def test_the_current_folder_gives_its_name_to_nothing(holiday: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(holiday)
    assert [source.name for source in find_sources([Path()])] == ["a.png", "beach/b c.jpg"]


def test_one_file_can_be_given_another_name(holiday: Path):
    assert find_sources([holiday / "a.png"], "2026/ä.png") == [Source(holiday / "a.png", "2026/ä.png")]


@pytest.mark.parametrize("files", [["a.png", "beach/b c.jpg"], ["."]])
def test_a_name_is_for_one_file(holiday: Path, files: list[str]):
    with pytest.raises(UploadError, match="expected one file for --name"):
        find_sources([holiday / file for file in files], "x.png")


@pytest.mark.parametrize("name", ["", "a" * 1025])
def test_a_name_that_storage_refuses_is_refused_before(holiday: Path, name: str):
    with pytest.raises(UploadError, match="expected a blob name of 1 to 1024 characters"):
        find_sources([holiday / "a.png"], name)


def test_two_files_of_one_name_are_refused(holiday: Path):
    (holiday / "beach" / "a.png").touch()
    with pytest.raises(UploadError, match="found one for both"):
        find_sources([holiday / "a.png", holiday / "beach" / "a.png"])


def test_a_folder_without_files_is_refused(tmp_path: Path):
    with pytest.raises(UploadError, match="found none that is not hidden"):
        find_sources([tmp_path])


def test_what_is_uploaded_is_there_with_its_content_type(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    assert imagectl("upload", str(holiday)) == 0
    assert blobs(stack) == {"holiday/a.png": "image/png", "holiday/beach/b c.jpg": "image/jpeg"}
    assert capsys.readouterr().out == "image-input/holiday/a.png\nimage-input/holiday/beach/b c.jpg\n"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.heic", "image/heic"), ("A.WEBP", "image/webp"), ("a.avif", "image/avif"), ("a", "application/octet-stream")],
)
def test_the_content_type_is_guessed_from_the_name(stack: Stack, holiday: Path, name: str, content_type: str):
    imagectl("upload", str(holiday / "a.png"), "--name", name)
    assert blobs(stack) == {name: content_type}


def test_a_blob_of_the_same_name_is_overwritten(stack: Stack, holiday: Path):
    imagectl("upload", str(holiday / "a.png"))
    (holiday / "a.png").write_bytes(b"newer")
    imagectl("upload", str(holiday / "a.png"))
    assert stack.container.download_blob("a.png").readall() == b"newer"


@pytest.mark.usefixtures("stack")
def test_a_container_that_is_not_there_is_named(holiday: Path):
    with pytest.raises(UploadError, match="expected the container elsewhere, found none"):
        imagectl("upload", str(holiday), "--container", "elsewhere")
