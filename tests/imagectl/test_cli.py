"""The command line as a whole: every verb explains itself, and every error is one line with its exit status."""

import importlib
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from imagectl import VERSION
from imagectl.cli import VERBS, main, parse
from imagectl.errors import interrupt_says
from tests.support.command import ROOT, copy_checkout, environment, imagectl, started_imagectl, wait_for_text

USAGE_LINE = (
    "imagectl query: argument --limit: expected a positive integer, found 'many'; "
    "imagectl query --help lists the options\n"
)
NOTHING_LISTENS = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=QQ==;BlobEndpoint=http://127.0.0.1:1/a"


@pytest.fixture
def checkout(tmp_path: Path):
    """One without local.settings.json."""
    return copy_checkout(tmp_path / "checkout")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_a_module_that_explains_itself(verb: str):
    module = importlib.import_module(f"imagectl.verbs.{verb}")
    shown = imagectl(verb, "--help")
    assert shown.returncode == 0
    for sentence in (VERBS[verb], module.NOTES):
        assert sentence in " ".join(shown.stdout.split())


def test_help_lists_every_verb():
    help_text = imagectl("--help").stdout
    assert all(f"\n    {verb} " in help_text for verb in VERBS)


@pytest.mark.parametrize(
    ("words", "settings", "sentence"),
    [
        (["query"], {}, "SqlConnectionString is not set; copy"),
        (
            ["query"],
            {"SqlConnectionString": "nonsense"},
            "expected SqlConnectionString to be an ODBC connection string",
        ),
        (["query"], {"SqlConnectionString": "Driver=Nope;Server=x"}, "cannot be loaded; install it"),
        (
            ["query"],
            {"SqlConnectionString": "Driver=SQLite3;Database=/nowhere/a.db"},
            "but there is no such file",
        ),
        (["upload", __file__], {}, "ImageStorage is not set; copy"),
        (["upload", __file__], {"ImageStorage": "nonsense"}, "expected ImageStorage to be a connection string"),
        (["upload", __file__], {"ImageStorage": NOTHING_LISTENS}, "start the local stack with imagectl start"),
        (["upload", "no such file"], {}, "expected a file or folder, but there is no no such file"),
        (["start"], {"FUNCTIONS_HOST": "apache"}, "expected FUNCTIONS_HOST to be func or emulator, found 'apache'"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_status_3(
    words: list[str], settings: dict[str, str], sentence: str, checkout: Path
):
    done = imagectl(*words, cwd=checkout, **settings)
    assert done.returncode == (2 if "no such file" in words else 3)
    assert done.stderr.startswith("imagectl: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_malformed_settings_file_is_named(checkout: Path):
    (checkout / "local.settings.json").write_text("{")
    done = imagectl("query", cwd=checkout)
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "local.settings.json" in done.stderr


def test_the_environment_wins_over_the_settings_file(checkout: Path):
    (checkout / "local.settings.json").write_text('{"Values": {"SqlConnectionString": "in the file"}}')
    settings = {"SqlConnectionString": f"Driver=SQLite3;Database={checkout}/none/a.db"}
    assert f"expected the SQLite database {checkout}/none/a.db" in imagectl("query", cwd=checkout, **settings).stderr


def test_azurite_that_is_not_installed_is_named(checkout: Path):
    (checkout / "node_modules").unlink()
    done = imagectl("demo", "--quiet", cwd=checkout)
    assert done.returncode == 3
    assert done.stderr.startswith("imagectl: expected Azurite")
    assert "run imagectl setup" in done.stderr


def test_help_loads_nothing_that_only_verbs_need():
    code = "import sys; from imagectl.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "imagectl.cli" in loaded
    assert loaded & {"image_metadata.model", "image_metadata.settings", "json", "http.client", "rich", "azure"} == set()


def test_a_python_without_the_packages_names_setup_as_the_next_move():
    # -S: without site-packages, as before the first set-up.
    command = [sys.executable, "-S", "-m", "imagectl", "query"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "run python3 -m imagectl setup" in done.stderr


def test_wrong_usage_is_one_line_and_exit_status_2():
    done = imagectl("query", "--limit", "many")
    assert (done.returncode, done.stderr) == (
        2,
        USAGE_LINE,
    )


@pytest.mark.parametrize("words", [["--az", "status"], ["--azd", "--azd", "start"], ["--azd", "start"]])
def test_a_wrong_option_before_the_verb_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(words) == 2
    assert "--help lists the options" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        *(["show", "NAME"], ["forget", "NAME", "--dry-run"], ["forget", "--prefix", "NAME", "--dry-run"]),
        *(["query", "--name", "NAME"], ["query", "--camera", "NAME"], ["query", "--image-format", "NAME"]),
        *(["query", "--rejections", "--reason", "NAME"], ["report", "r.html", "--title", "NAME"]),
        *(["upload", ".", "--include", "NAME"], ["upload", ".", "--exclude", "NAME"]),
        *(["upload", ".", "--prefix", "NAME"], ["upload", __file__, "--name", "NAME"]),
        *(["backfill", "--prefix", "NAME", "--dry-run"], ["reextract", "--prefix", "NAME"]),
        ["reextract", "--image-format", "NAME"],
    ],
)
@pytest.mark.parametrize("value", ["", "\udcff*"])
def test_an_argument_that_is_empty_or_not_utf_8_is_refused(
    words: list[str], value: str, capsys: pytest.CaptureFixture[str]
):
    assert main([value if word == "NAME" else word for word in words]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"imagectl {words[0]}")
    assert ": expected text" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "image-input/"], "argument NAME: expected text, found none (an unset variable?)"),
        (["show", "a" * 1025], "argument NAME: expected a blob name of at most 1,024 characters, found 1,025"),
        (["report", ""], "argument OUT.html: expected the file to write, found none (an unset variable?)"),
        *(
            (["status", "--url", url], "argument --url: expected an address with scheme and host like https://NAME")
            for url in ("foo", "http://", "http://[::", "http://localhost:port", "http://localhost:70000")
        ),
        *(
            (["upload", __file__, f"--container={name}"], "argument --container: expected a container name of 3 to 63")
            for name in ("", "NOPE!", "ab", "a--b", "-abc", "abc-", "a" * 64, "abc\n", "caf\xe9")
        ),
    ],
)
def test_a_name_or_an_address_that_cannot_exist_is_wrong_usage(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert main(words) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("name", ["abc", "image-input", "1-2-3", "a" * 63])
def test_a_container_name_that_storage_takes_is_taken(name: str):
    _, parsed = parse(["upload", __file__, "--container", name])
    assert parsed.container == name


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode there")
def test_the_path_of_a_file_may_have_any_bytes():
    assert parse(["upload", "\udcff.png"])[1].paths == ["\udcff.png"]
    assert parse(["report", "\udcff.html"])[1].out == Path("\udcff.html")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["stats"], "expected a verb, found 'stats'; the nearest is status"),
        (["--azd", "shwo"], "expected a verb, found 'shwo'; the nearest is show"),
        (["xyz"], "expected a verb, found 'xyz'"),
        (["\udcff"], "expected a verb, found '\\udcff'"),
        ([""], "expected a verb, found ''"),
        ([], "the following arguments are required: verb"),
    ],
)
def test_an_unknown_verb_is_one_line_that_names_the_nearest(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(words) == 2
    assert capsys.readouterr().err == f"imagectl: {message}; imagectl --help lists the options\n"


def test_the_version_is_printed():
    done = imagectl("--version")
    assert (done.returncode, done.stdout) == (0, f"imagectl {VERSION}\n")


def test_the_version_is_the_newest_of_the_changelog():
    newest = next(line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    assert VERSION.startswith(f"{newest.removeprefix('## ')}.")


def test_help_has_examples_and_the_exit_statuses():
    text = imagectl("upload", "--help").stdout
    assert "\nexamples:\n  imagectl upload photo.jpg\n" in text
    assert "\n  130  interrupted by Ctrl-C\n" in text


def run_with_stdout(stdout: int | None, *words: str, **settings: str) -> tuple[int, str]:
    """Exit status and stderr; with None, stdout is closed."""
    command = [sys.executable, "-m", "imagectl", *words]
    if stdout is None:
        command = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(**settings), stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure():
    reading, writing = os.pipe()
    os.close(reading)
    assert run_with_stdout(writing, "query", "--help") == (0, "")
    os.close(writing)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["schema", "show", "sqlite"]])
def test_a_full_disk_under_stdout_is_one_line(words: list[str], unbuffered: str):
    with Path("/dev/full").open("w") as full:
        assert run_with_stdout(full.fileno(), *words, PYTHONUNBUFFERED=unbuffered) == (
            1,
            "imagectl: expected to write to standard output, but: No space left on device; redirect it elsewhere\n",
        )


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes it")
def test_a_closed_stdout_is_one_line():
    assert run_with_stdout(None, "schema", "show", "sqlite") == (
        1,
        "imagectl: expected to write to standard output, but: Bad file descriptor; redirect it elsewhere\n",
    )


def test_nobody_signed_in_to_azure_is_one_line(checkout: Path):
    # No developer tool is on the PATH, so that storage is not even asked.
    settings = {
        "ImageStorage__blobServiceUri": "https://account.blob.core.windows.net/",
        "ImageStorage__queueServiceUri": "https://account.blob.core.windows.net/",
        "AZURE_TOKEN_CREDENTIALS": "dev",
    }
    done = imagectl("upload", __file__, cwd=checkout, PATH="", **settings)
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "found no sign-in; sign in with az login or azd auth login" in done.stderr


def test_a_bug_is_one_line_that_asks_for_its_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("imagectl.local.settings.load_local_settings", lambda: {}["bug"])
    assert main(["query"]) == 1
    assert capsys.readouterr().err == (
        "imagectl: expected to finish, but met a bug (KeyError); "
        "run it again with IMAGECTL_DEBUG=1 and report what it prints\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a single process")
def test_ctrl_c_while_it_is_imported_ends_it_without_a_traceback(checkout: Path, tmp_path: Path):
    (checkout / "imagectl" / "cli.py").write_text("import time\nprint('importing')\ntime.sleep(60)\n")
    with started_imagectl("query", output=tmp_path / "output", cwd=checkout) as process:
        wait_for_text(tmp_path / "output", "importing")
        process.send_signal(signal.SIGINT)
    assert (process.returncode, (tmp_path / "output").read_text()) == (-signal.SIGINT, "importing\n")


def test_ctrl_c_says_what_is_done(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def interrupted() -> None:
        with interrupt_says(lambda: "3 uploaded"):
            raise KeyboardInterrupt

    monkeypatch.setattr("imagectl.local.settings.load_local_settings", interrupted)
    monkeypatch.setattr("os._exit", sys.exit)
    with suppress(SystemExit):
        assert main(["query"]) == 130
    assert capsys.readouterr().err == "imagectl: interrupted: 3 uploaded\n"
