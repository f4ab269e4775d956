"""The real services that the specification runs on: Azurite and SQLite through ODBC."""

import signal
from pathlib import Path

import pytest

from imagectl.local.azurite import running_azurite

# A shell that runs the tests in the background lets them ignore Ctrl-C, and what they start would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)


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
