"""What the release before has left behind, as `tests/golden/release_before` holds it; its README.md describes it."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "release_before"


@dataclass(frozen=True)
class Recording:
    """A trigger of the orchestrator, and the state that the release before answered with."""

    trigger: dict[str, Any]
    answer: dict[str, Any]


def histories() -> dict[str, Recording]:
    """Every recording, by the situation that it shows."""
    contents = {file.stem: json.loads(file.read_text("utf-8")) for file in (FOLDER / "histories").glob("*.json")}
    return {name: Recording(content["trigger"], content["answer"]) for name, content in contents.items()}


def recorded(name: str) -> Any:
    """The content of a JSON file, for instance ``instances.json`` or ``stack/receipts.json``."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def restore_database(name: str, folder: Path) -> Path:
    """A copy of ``images.db`` or ``five_columns.db`` that a test may change."""
    return Path(shutil.copy(FOLDER / "stack" / name, folder / name))


def restore_storage(folder: Path) -> Path:
    """A copy of Azurite's data, to start Azurite on: blobs with their entity tags, and the emulator's receipts."""
    return Path(shutil.copytree(FOLDER / "stack" / "azurite", folder, dirs_exist_ok=True))
