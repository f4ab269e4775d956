"""`imagectl upload` on real storage: a reader that leaves, Ctrl-C, storage that is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from azure.storage.blob import BlobServiceClient

from image_metadata import settings as settings_of_the_app
from imagectl.local.azurite import Azurite, running_azurite
from tests.imagectl.stack import Stack
from tests.imagectl.uploads import SIZE, blobs
from tests.support.command import ROOT, environment
from tests.support.images import image


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


@contextmanager
def upload_under_way(
    many: tuple[list[str], dict[str, str]], lines: int
) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """The command after it has printed some lines, with the rest of stdout and stderr."""
    command, settings = many
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        for _ in range(lines):
            process.stdout.readline()
        yield process, process.stdout, process.stderr


def test_a_reader_that_has_seen_enough_does_not_stop_the_upload(stack: Stack, many):
    with upload_under_way(many, lines=1) as (process, stdout, stderr):
        stdout.close()
        summary = stderr.read()
        assert process.wait(60) == 0
    assert summary == f"300 uploaded ({300 * SIZE / 1000:.1f} KB).\n"
    assert len(blobs(stack)) == 300


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process")
def test_ctrl_c_says_in_one_line_what_is_done_and_a_repeated_upload_sends_the_rest(stack: Stack, many):
    command, settings = many
    with upload_under_way(many, lines=5) as (process, _, stderr):
        process.send_signal(signal.SIGINT)
        line = stderr.read()
        assert process.wait(60) == 130
    assert line.startswith("imagectl: interrupted: ")
    assert len(line.splitlines()) == 1
    before = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, check=True)
    after = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    assert len(after) == 300
    assert before.items() <= after.items()


def test_storage_that_is_lost_in_the_middle_ends_the_upload_with_what_is_done(tmp_path: Path, many):
    with running_azurite(tmp_path / "own", in_memory=True) as azurite:
        create_container(azurite)
        many[1]["ImageStorage"] = azurite.connection_string
        with upload_under_way(many, lines=3) as (process, stdout, stderr):
            azurite.process.kill()
            stdout.read()
            error = stderr.read()
            assert process.wait(60) == 1
    assert "the rest was not tried, repeat the upload" in error
    assert " not sent" in error.splitlines()[-1]
    assert "Traceback" not in error


def create_container(azurite: Azurite) -> None:
    BlobServiceClient.from_connection_string(azurite.connection_string).create_container("image-input")
