"""The app in ``apps/durable``, running."""

from collections.abc import Iterator

import pytest

from tests.functions_emulator.durable_app import RunningApp, running_app


@pytest.fixture(scope="module")
def durable() -> Iterator[RunningApp]:
    with running_app() as app:
        yield app
