"""The real services that the specification runs on: Azurite and SQLite through ODBC."""

import os
import signal
import sys
from pathlib import Path

import pytest

from imagectl.local.azurite import running_azurite
from tests.support.databases import ENGINES, VARIABLE

# A shell that runs the tests in the background lets them ignore Ctrl-C, and what they start would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)


LIVE_FIXTURES = {"session_azurite", "azurite"}
"""Fixtures that start a program."""

LIVE_PLACES = (
    "corpus/test_agreement_with_exiftool.py",
    "deployment",
    "end_to_end",
    "faults",
    "functions_emulator/blobs",
    "functions_emulator/durable",
    "functions_emulator/test_host.py",
    "golden/test_release_before.py",
    "image_metadata/database/test_connections.py",
    "image_metadata/database/test_faults_of_sql_server.py",
    "image_metadata/storage",
    "image_metadata/test_durable_sdk.py",
    "image_metadata/test_facade.py",
    "imagectl",
    "infra",
    "test_architecture.py",
    "test_documentation.py",
)
"""Folders and files of tests that start programs or open ports. A single such test says ``pytest.mark.live``."""


def pytest_addoption(parser: pytest.Parser):
    parser.addoption("--fast", action="store_true", help="only the tests that start no program and open no port")


def pytest_configure(config: pytest.Config):
    if config.getoption("--fast"):
        sys.addaudithook(refuse_programs_and_ports)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]):
    is_fast = config.getoption("--fast")
    left_out = [item for item in items if (is_fast and is_live(item)) or lacks_sql_server(item)]
    config.hook.pytest_deselected(items=left_out)
    left = set(items).difference(left_out)
    items[:] = [item for item in items if item in left]


def is_live(item: pytest.Item) -> bool:
    fixtures = LIVE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    places = (Path(__file__).parent / place for place in LIVE_PLACES)
    return bool(fixtures or item.get_closest_marker("live") or any(map(item.path.is_relative_to, places)))


def lacks_sql_server(item: pytest.Item) -> bool:
    return "sqlserver" not in ENGINES and item.get_closest_marker("sqlserver") is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter):
    if "sqlserver" not in ENGINES:
        terminalreporter.write_line(f"skipped: every test on SQL Server, since {VARIABLE} is not set")


def refuse_programs_and_ports(event: str, _arguments: tuple[object, ...]):
    # pytest and its plugins start programs of their own between tests.
    started = event in {"subprocess.Popen", "os.posix_spawn", "socket.connect", "socket.bind"}
    if started and "PYTEST_CURRENT_TEST" in os.environ:
        raise AssertionError(
            f"expected a test of the fast suite to start no program and open no port, found {event}; "
            "mark it pytest.mark.live"
        )


@pytest.fixture(scope="session")
def session_azurite(tmp_path_factory: pytest.TempPathFactory):
    """One Azurite for every test that only needs a container of its own."""
    with running_azurite(tmp_path_factory.mktemp("azurite"), in_memory=True) as azurite:
        yield azurite


@pytest.fixture
def azurite(tmp_path: Path):
    """An Azurite of the test's own, for what counts requests, stops it, or watches `image-input`."""
    with running_azurite(tmp_path / "azurite", in_memory=True) as running:
        yield running
