"""Fixture apps: one tiny app, or one function of an app, per situation."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from functions_emulator.app.directory import load_app
from functions_emulator.errors import AppError

APPS = Path(__file__).parent / "apps"
AZURITE = "UseDevelopmentStorage=true"
SETTINGS = {"AzureWebJobsStorage": AZURITE, "Images": AZURITE}


def minimal_app(folder: Path) -> Path:
    """A correct app with one activity, to be made wrong."""
    return shutil.copytree(APPS / "minimal", folder / "minimal")


def problems(app: Path, settings: Mapping[str, str] = SETTINGS) -> tuple[str, ...]:
    """Why the app is refused."""
    with pytest.raises(AppError) as refusal:
        load_app(app, settings)
    return refusal.value.problems


def expected(app: str) -> list[str]:
    """What the fixture app's ``expected.txt`` says about it, line by line."""
    return (APPS / app / "expected.txt").read_text("utf-8").splitlines()
