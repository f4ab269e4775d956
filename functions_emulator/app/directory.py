"""An app directory as data: host.json, local.settings.json and the function.json of every function folder.

The host skips a function that is wrong and runs the others; the emulator does not start, so that it is noticed.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from functions_emulator.app.bindings import Binding
from functions_emulator.app.function_json import FUNCTION_JSON, FunctionDefinition, read_function
from functions_emulator.app.host_json import HostConfig, read_host_json
from functions_emulator.app.settings import connection_problem, read_settings
from functions_emulator.errors import AppError, collecting

__all__ = ["App", "Binding", "FunctionDefinition", "HostConfig", "load_app"]


@dataclass(frozen=True)
class App:
    """An app that has passed every check which does not import it."""

    root: Path
    host: HostConfig
    settings: Mapping[str, str] = field(repr=False)
    functions: Mapping[str, FunctionDefinition]

    @property
    def host_id(self) -> str:
        """The app's name in storage; the host's own looks different, so that the two never share a receipt."""
        return f"emulator-{hashlib.sha256(str(self.root).encode(errors='surrogateescape')).hexdigest()[:20]}"


def load_app(root: Path, environ: Mapping[str, str] | None = None) -> App:
    """Read and check the app in ``root``; raises AppError with every problem, one line each.

    Settings come from ``environ`` (by default the process environment) and, below it, local.settings.json.
    """
    root = root.resolve()
    if not root.is_dir():
        raise AppError(f"{root} is not a folder; name the folder that holds host.json")
    settings = read_settings(root, environ)
    # Not Path.is_file, which raises for a folder that cannot be read: such a folder is no function.
    folders = sorted(folder for folder in root.iterdir() if os.path.isfile(folder / FUNCTION_JSON))  # noqa: PTH113  # see above
    problems = [*_root_problems(root, settings), *_folder_problems(root, folders)]
    functions = []
    with collecting(problems):
        host = read_host_json(root, settings)
    for folder in folders:
        with collecting(problems):
            functions.append(read_function(folder, settings))
    if problems:
        raise AppError(*problems)
    return App(root, host, settings, {function.name: function for function in functions})


def _root_problems(root: Path, settings: Mapping[str, str]) -> Iterator[str]:
    script = settings.get("PYTHON_SCRIPT_FILE_NAME") or "function_app.py"
    if (root / script).exists():
        yield f"{script}: in the app's root it disables every {FUNCTION_JSON}; rename it"
    runtime = settings.get("FUNCTIONS_WORKER_RUNTIME", "python")
    if runtime != "python":
        yield f'expected "python" in the setting FUNCTIONS_WORKER_RUNTIME, found "{runtime}"; correct it'
    connection = connection_problem("AzureWebJobsStorage", settings)
    if connection:
        yield connection


def _folder_problems(root: Path, folders: list[Path]) -> Iterator[str]:
    if not folders:
        yield f"{root}: no folder in it holds a {FUNCTION_JSON}; name the folder of a function app"
    uses = Counter(folder.name.lower() for folder in folders)
    for folder in folders:
        if uses[folder.name.lower()] > 1:
            yield f"{folder.name}: another function has this name in other case; rename one"
