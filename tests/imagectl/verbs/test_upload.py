"""`imagectl upload` on real storage: what is sent, skipped, left out and refused, compared as whole outputs."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContentSettings

from image_metadata import settings as settings_of_the_app
from imagectl.errors import UnreachableError, UsageError
from imagectl.local.azurite import Azurite, running_azurite
from imagectl.uploading import present, transfer
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl
from tests.support.command import ROOT, environment
from tests.support.images import image

HEADING = "result\tname\tbytes\treason\n"
SIZE = len(image())


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """A folder of two images, with what else such folders hold."""
    folder = tmp_path / "holiday"
    (folder / "beach").mkdir(parents=True)
    (folder / ".thumbnails").mkdir()
    for name in ("a.png", "beach/b c.png", ".hidden.png", ".thumbnails/a.png"):
        (folder / name).write_bytes(image())
    (folder / "notes.txt").write_text("just some text\n")
    (folder / "local.settings.json").write_text("{}")
    (tmp_path / "outside.png").write_bytes(image())
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    return folder


def blobs(stack: Stack) -> dict[str, tuple[str, bytes]]:
    """Content type and MD5 by name."""
    return {
        blob.name: (blob.content_settings.content_type, bytes(blob.content_settings.content_md5))
        for blob in stack.container.list_blobs()
    }


def sent(output: str) -> set[str]:
    assert output.startswith(HEADING)
    return set(output.removeprefix(HEADING).splitlines())


def test_a_folder_is_sent_without_what_is_no_image_and_the_summary_counts_what_is_left_out(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    assert imagectl("upload", str(holiday)) == 0
    output = capsys.readouterr()
    assert sent(output.out) == {f"uploaded\tholiday/a.png\t{SIZE}\t", f"uploaded\tholiday/beach/b c.png\t{SIZE}\t"}
    assert output.err == (
        f"2 uploaded ({2 * SIZE} bytes), 5 left out (2 hidden, 1 links, 1 local.settings.json, 1 not images).\n"
    )
    md5 = hashlib.md5(image(), usedforsecurity=False).digest()
    assert blobs(stack) == dict.fromkeys(("holiday/a.png", "holiday/beach/b c.png"), ("image/png", md5))


def test_all_sends_every_file_that_is_not_hidden(stack: Stack, holiday: Path):
    imagectl("upload", str(holiday), "--all")
    assert set(blobs(stack)) == {"holiday/a.png", "holiday/beach/b c.png", "holiday/notes.txt"}


@pytest.mark.parametrize("path", ["holiday/", ".", "holiday/."])
def test_with_a_slash_at_the_end_or_a_dot_the_folder_gives_no_name(
    stack: Stack, holiday: Path, monkeypatch: pytest.MonkeyPatch, path: str
):
    monkeypatch.chdir(holiday if path == "." else holiday.parent)
    imagectl("upload", path)
    assert set(blobs(stack)) == {"a.png", "beach/b c.png"}


def test_prefix_and_patterns_choose_names(stack: Stack, holiday: Path):
    (holiday / "c.png").write_bytes(image())
    patterns = ("--include", "*.png", "--exclude", "beach/*", "--exclude", "c*")
    imagectl("upload", f"{holiday}/", "--prefix", "2026/", *patterns)
    assert set(blobs(stack)) == {"2026/a.png", "2026/beach/b c.png"}


def test_what_is_there_with_the_same_content_is_skipped_unless_overwrite(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    imagectl("upload", str(holiday))
    before = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    capsys.readouterr()
    assert imagectl("upload", str(holiday)) == 0
    output = capsys.readouterr()
    assert sent(output.out) == {f"skipped\tholiday/a.png\t{SIZE}\t", f"skipped\tholiday/beach/b c.png\t{SIZE}\t"}
    assert output.err.startswith("0 uploaded (0 bytes), 2 already there, 5 left out (")
    assert {blob.name: blob.etag for blob in stack.container.list_blobs()} == before
    imagectl("upload", str(holiday), "--overwrite")
    assert before.keys() == {blob.name for blob in stack.container.list_blobs() if before[blob.name] != blob.etag}


def test_a_blob_without_md5_counts_as_different(stack: Stack, holiday: Path):
    blob = stack.container.get_blob_client("holiday/a.png")
    blob.upload_blob(image())
    blob.set_http_headers(ContentSettings(content_type="image/png"))
    assert blob.get_blob_properties().content_settings.content_md5 is None
    imagectl("upload", str(holiday))
    assert blob.get_blob_properties().content_settings.content_md5


def test_many_are_looked_up_by_listing_what_they_have_in_common(
    stack: Stack, holiday: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(present, "_FEW", 1)
    imagectl("upload", str(holiday))
    (holiday / "a.png").write_bytes(image("GIF"))
    capsys.readouterr()
    imagectl("upload", str(holiday))
    assert capsys.readouterr().err.startswith(f"1 uploaded ({len(image('GIF'))} bytes), 1 already there")
    assert stack.container.download_blob("holiday/a.png").readall() == image("GIF")


def test_a_large_file_travels_in_blocks_and_has_its_md5(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transfer, "BLOCK", 1000)
    monkeypatch.setattr(transfer, "_WHOLE", 1000)
    monkeypatch.setattr(transfer, "_RESUMED", 1000)
    content = image() + os.urandom(10_000)
    (tmp_path / "large.png").write_bytes(content)
    imagectl("upload", str(tmp_path / "large.png"))
    blob = stack.container.get_blob_client("large.png")
    assert blob.download_blob().readall() == content
    assert len(blob.get_block_list()[0]) == 11
    assert blobs(stack)["large.png"][1] == hashlib.md5(content, usedforsecurity=False).digest()


def test_blocks_that_an_interrupted_upload_left_are_not_sent_again(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for limit in ("BLOCK", "_WHOLE", "_RESUMED"):
        monkeypatch.setattr(transfer, limit, 1000)
    file = tmp_path / "large.png"
    file.write_bytes(os.urandom(5_000))
    parts = list(transfer._parts(file, lambda _content: None))  # noqa: SLF001  # the ids are the upload's own
    blob = stack.container.get_blob_client("large.png")
    for part in parts[:3]:
        blob.stage_block(part.id, file.read_bytes()[part.start : part.start + part.length])
    sent: list[str] = []
    stage = transfer.BlobClient.stage_block

    def stage_block(blob: transfer.BlobClient, block_id: str, *rest: Any) -> Any:
        sent.append(block_id)
        return stage(blob, block_id, *rest)

    monkeypatch.setattr(transfer.BlobClient, "stage_block", stage_block)
    imagectl("upload", str(file))
    assert sorted(sent) == [part.id for part in parts[3:]]
    assert blob.download_blob().readall() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.heic", "image/heic"), ("A.WEBP", "image/webp"), ("a.avif", "image/avif"), ("a", "application/octet-stream")],
)
def test_the_content_type_is_guessed_from_the_name(stack: Stack, holiday: Path, name: str, content_type: str):
    imagectl("upload", str(holiday / "a.png"), "--name", name)
    assert blobs(stack)[name][0] == content_type


def test_a_file_that_is_named_is_sent_whatever_it_is(stack: Stack, holiday: Path):
    imagectl("upload", str(holiday / "notes.txt"), str(holiday / ".hidden.png"))
    assert set(blobs(stack)) == {"notes.txt", ".hidden.png"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
def test_names_that_no_listing_can_carry_fail_and_the_others_go_on(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    for name in (b"back\\slash.png", b"caf\xe9.png", b"esc\x1b[31m.png"):
        Path(os.fsdecode(os.fsencode(holiday) + b"/" + name)).write_bytes(image())
    assert imagectl("upload", str(holiday), "--quiet") == 1
    assert capsys.readouterr().err == (
        f"imagectl: {holiday}/back\\slash.png: expected a name without backslashes, which storage turns into slashes; "
        "rename the file\n"
        f"imagectl: {holiday}/caf\\udce9.png: expected a name in UTF-8, found bytes that are not; rename the file\n"
        f"imagectl: {holiday}/esc\\x1b[31m.png: expected a name without control characters, found one, and listings "
        "fail on it; rename the file\n"
    )
    assert set(blobs(stack)) == {"holiday/a.png", "holiday/beach/b c.png"}


def test_what_cannot_be_read_fails_and_the_others_go_on(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    # Not by permissions: the tests may run as root, who reads everything.
    scan = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("beach"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (holiday / "dangling.png").symlink_to("nowhere")
    assert imagectl("upload", str(holiday), "--quiet") == 1
    assert capsys.readouterr().err == (
        f"imagectl: {holiday}/dangling.png: cannot be read: No such file or directory; repair or remove it\n"
        f"imagectl: {holiday}/beach: cannot be read: Permission denied; change its permissions\n"
    )
    assert set(blobs(stack)) == {"holiday/a.png"}


def test_a_dry_run_sends_nothing_and_shows_all(stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]):
    assert imagectl("upload", str(holiday), "--dry-run") == 0
    output = capsys.readouterr()
    assert sent(output.out) == {
        f"would upload\tholiday/a.png\t{SIZE}\t",
        f"would upload\tholiday/beach/b c.png\t{SIZE}\t",
    }
    assert output.err.startswith(f"2 to upload ({2 * SIZE} bytes), 5 left out (")
    assert blobs(stack) == {}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([""], "expected a file or folder, found an empty path"),
        (["none"], "expected a file or folder, but there is no none"),
        (["holiday/local.settings.json"], "found local.settings.json, which holds settings and is never sent"),
        (["holiday", "--name", "x.png"], "--name is for a single file"),
        (["holiday/a.png", "holiday/notes.txt", "--name", "x.png"], "--name is for a single file"),
        (["holiday/a.png", "--name", ""], "expected a blob name of 1 to 1024 characters, found 0"),
        (["holiday/a.png", "--name", "a" * 1025], "expected a blob name of 1 to 1024 characters, found 1025"),
        (["holiday/a.png", "--name", "a/../b.png"], r"expected a name without the parts \. and \.\."),
        (["holiday/a.png", "holiday/.thumbnails/a.png"], "would both become the blob a.png"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(
    holiday: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
):
    monkeypatch.chdir(holiday.parent)
    with pytest.raises(UsageError, match=sentence):
        imagectl("upload", *words)


@pytest.mark.usefixtures("stack")
def test_a_container_that_does_not_exist_is_named(holiday: Path):
    with pytest.raises(UnreachableError, match="expected the container elsewhere, but it does not exist"):
        imagectl("upload", str(holiday), "--container", "elsewhere")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("imagectl.uploading.following._ASK_AFTER_SECONDS", 0)
    monkeypatch.setattr("imagectl.uploading.following._POLL_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_wait_says_how_every_upload_ended(
    stack: Stack, durable: DurableDouble, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("c.png", "d.png"):
        (holiday / name).write_bytes(image())
    imagectl("upload", str(holiday), "--quiet")
    uploads = {blob.name: stack.current(blob.name) for blob in stack.container.list_blobs()}
    stack.reject(uploads["holiday/a.png"])
    durable.add(uploads["holiday/beach/b c.png"].id, "Failed")
    capsys.readouterr()
    words = ["upload", str(holiday), "--wait", "--timeout", "1s", "--url", durable.url]
    assert imagectl(*words) == 1
    assert capsys.readouterr().err.splitlines()[-4:] == [
        "imagectl: image-input/holiday/beach/b c.png: no row; imagectl show tells why",
        "imagectl: image-input/holiday/c.png: no row; imagectl show tells why",
        "imagectl: image-input/holiday/d.png: no row; imagectl show tells why",
        "Of 4 uploads: 1 failed, 1 rejected.",
    ]


@pytest.fixture
def many(tmp_path: Path, stack: Stack) -> tuple[list[str], dict[str, str]]:
    """The command that uploads 300 images, and the settings that name this stack."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.png").write_bytes(image())
    settings = {
        "ImageStorage": str(settings_of_the_app.image_storage().connection_string),
        "SqlConnectionString": stack.sql.connection_string,
    }
    return [sys.executable, "-m", "imagectl", "upload", str(folder)], environment(**settings)


def test_a_reader_that_has_seen_enough_does_not_stop_the_upload(stack: Stack, many):
    command, settings = many
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        summary = process.stderr.read().decode()
        assert process.wait(60) == 0
    assert summary == f"300 uploaded ({300 * SIZE / 1000:.1f} KB).\n"
    assert len(blobs(stack)) == 300


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process")
def test_ctrl_c_says_in_one_line_what_is_done_and_a_repeated_upload_sends_the_rest(stack: Stack, many):
    command, settings = many
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        for _ in range(5):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        line = process.stderr.read()
        assert process.wait(60) == 130
    assert line.startswith("imagectl: interrupted: ")
    assert len(line.splitlines()) == 1
    before = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, check=True)
    after = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    assert len(after) == 300
    assert before.items() <= after.items()


def test_storage_that_is_lost_in_the_middle_ends_the_upload_with_what_is_done(tmp_path: Path, many):
    command, settings = many
    with running_azurite(tmp_path / "own", in_memory=True) as azurite:
        create_container(azurite)
        settings["ImageStorage"] = azurite.connection_string
        with subprocess.Popen(
            command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            assert process.stderr
            for _ in range(3):
                process.stdout.readline()
            azurite.process.kill()
            process.stdout.read()
            error = process.stderr.read()
            assert process.wait(60) == 1
    assert "the rest was not tried, repeat the upload" in error
    assert " not sent" in error.splitlines()[-1]
    assert "Traceback" not in error


def create_container(azurite: Azurite) -> None:
    BlobServiceClient.from_connection_string(azurite.connection_string).create_container("image-input")
