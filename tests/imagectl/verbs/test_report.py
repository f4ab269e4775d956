"""``report``: what the command says and writes. How the page behaves is in ``tests/imagectl/report``."""

import base64
import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import copy_checkout, imagectl
from tests.support.databases import Database, sqlite_database, with_tables
from tests.support.image_rows import add_image, add_many_images, add_rejection


@pytest.fixture
def database(tmp_path: Path):
    return with_tables(sqlite_database(tmp_path / "images.db"))


@pytest.fixture
def report(database: Database):
    """Runs the verb on the database."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return imagectl("report", *map(str, words), SqlConnectionString=database.settings.connection_string)

    return run


def data_of(page: Path) -> dict[str, Any]:
    packed = re.search(r'id="data">([^<]*)<', page.read_text("utf-8"))
    assert packed is not None
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    return data


def test_it_says_what_it_wrote(report, database: Database, tmp_path: Path):
    add_image(database, "a.png")
    add_rejection(database, "b.txt")
    done = report(tmp_path / "out.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'out.html'}: 1 row of images, 1 of rejections, 0.5 MB\n"


def test_a_sqlite_file_that_is_not_there_is_not_created(tmp_path: Path):
    missing = tmp_path / "missing.db"
    done = imagectl("report", str(tmp_path / "out.html"), SqlConnectionString=f"Driver=SQLite3;Database={missing}")
    assert (done.returncode, missing.exists()) == (3, False)
    assert "but there is no such file" in done.stderr


def test_every_row_is_in_the_page(report, database: Database, tmp_path: Path):
    add_many_images(database, 12_000)
    assert report(tmp_path / "out.html").returncode == 0
    names = data_of(tmp_path / "out.html")["images"]["columns"]["file_name"]
    assert names == [f"{number:05}.gif" for number in range(12_000)]


def test_coordinates_are_only_in_it_when_asked_for(report, database: Database, tmp_path: Path):
    add_image(database, "a.png", latitude=48.20849, longitude=16.37208)
    report(tmp_path / "without.html")
    report("--with-location", tmp_path / "with.html")
    assert not {"latitude", "longitude"} & set(data_of(tmp_path / "without.html")["images"]["columns"])
    assert data_of(tmp_path / "with.html")["images"]["columns"]["latitude"] == [48.20849]


def test_a_file_that_is_there_is_replaced_and_nothing_else_is_left(report, tmp_path: Path):
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / "out.html"
    page.write_text("old")
    report(page)
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert [file.name for file in page.parent.iterdir()] == ["out.html"]


def test_a_file_that_cannot_be_written_is_one_sentence(report, tmp_path: Path):
    done = report(tmp_path / "nowhere" / "out.html")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"imagectl: expected to write {tmp_path / 'nowhere' / 'out.html'}, found: No such file or directory; "
        "name a file in a folder that is there and that you may write to\n"
    )


def test_a_full_device_is_one_sentence(report):
    if not Path("/dev/full").exists():
        pytest.skip("expected the device /dev/full, found none: it is Linux's")
    done = report("/dev/full")
    assert (done.returncode, done.stdout) == (1, "")
    assert "found: No space left on device" in done.stderr


def test_without_the_libraries_it_names_setup(database: Database, tmp_path: Path):
    checkout = copy_checkout(tmp_path / "checkout")
    (checkout / "node_modules").unlink()
    settings = {"SqlConnectionString": database.settings.connection_string}
    done = imagectl("report", str(tmp_path / "out.html"), cwd=checkout, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("imagectl: expected ")
    assert done.stderr.endswith("run python3 -m imagectl setup\n")


def test_the_licenses_of_the_libraries_are_in_the_page(report, tmp_path: Path):
    report(tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text("utf-8")
    for owner in ("Mike Bostock", "Observable, Inc.", "Mikola Lysenko"):
        assert re.search(rf"Copyright.*{owner}", text)


def test_the_title_is_text(report, tmp_path: Path):
    report(tmp_path / "out.html", "--title", "<b>Cats & dogs</b> {{data}}")
    assert "<title>&lt;b&gt;Cats &amp; dogs&lt;/b&gt; {{data}}</title>" in (tmp_path / "out.html").read_text("utf-8")
