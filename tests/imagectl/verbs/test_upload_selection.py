"""`imagectl upload` on real storage: which files are sent under which names, what is left out, and what is refused."""

import errno
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from imagectl.errors import UnreachableError, UsageError
from tests.imagectl.stack import Stack, imagectl
from tests.imagectl.uploads import SIZE, blobs, sent
from tests.support.images import image


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
    assert imagectl("upload", str(holiday), "--quiet", "--output", "json") == 1
    output = capsys.readouterr()
    failed = {row["name"]: row["reason"] for row in json.loads(output.out) if row["result"] == "failed"}
    names = [f"{holiday}/back\\slash.png", f"{holiday}/caf\\udce9.png", f"{holiday}/esc\x1b[31m.png"]
    assert list(failed) == names
    assert "without backslashes" in failed[names[0]]
    assert output.err == (
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
    output = capsys.readouterr()
    assert sent(output.out) >= {
        f"failed\t{holiday}/dangling.png\t\tcannot be read: No such file or directory; repair or remove it",
        f"failed\t{holiday}/beach\t\tcannot be read: Permission denied; change its permissions",
    }
    assert output.err == (
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
        (["holiday/a.png", "--name", "a" * 1025], "^--name: expected a blob name of 1 to 1024 characters, found 1025"),
        (
            ["holiday/a.png", "--name", "a\\b.png"],
            "^--name: expected a name without backslashes, which .*; choose another$",
        ),
        (
            ["holiday", "--prefix", "../"],
            r"^--prefix: expected a name without the parts \. and \.\., .*; choose another$",
        ),
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
