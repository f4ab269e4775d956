"""An app directory as data: host.json, local.settings.json and the function.json of every function folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class HostConfig:
    """What host.json says, with the host's defaults."""

    hub_name: str
    max_concurrent_activities: int
    max_concurrent_orchestrators: int
    blobs_in_parallel: int
    poison_blob_threshold: int
    function_timeout: float | None


@dataclass(frozen=True)
class Binding:
    """One entry of ``bindings``; ``properties`` is everything else it says, settings resolved and defaults filled in."""

    name: str
    type: str
    direction: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class FunctionDefinition:
    """One function folder."""

    name: str
    folder: Path
    script_file: Path
    entry_point: str
    bindings: tuple[Binding, ...]
    trigger: Binding


@dataclass(frozen=True)
class App:
    """An app that can be started: everything that can be checked without importing it has been."""

    root: Path
    host: HostConfig
    settings: Mapping[str, str]
    functions: Mapping[str, FunctionDefinition]


def load_app(root: Path, environ: Mapping[str, str] | None = None) -> App:
    """Read and check the app in ``root``; raises AppError with every problem found."""
    raise NotImplementedError
