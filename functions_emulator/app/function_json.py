"""One function folder as data: its function.json and the script that it names."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions_emulator.app.bindings import TRIGGERS, Binding, read_bindings
from functions_emulator.app.json_file import json_type, read_object
from functions_emulator.errors import AppError, collecting

FUNCTION_JSON = "function.json"
_NAME = re.compile(r"(?!host$)[a-z][a-z0-9_\-]{0,127}", re.IGNORECASE)


@dataclass(frozen=True)
class FunctionDefinition:
    """One function folder. Paths are absolute; ``trigger`` is one of ``bindings``.

    A disabled function is loaded and checked like the others, but nothing triggers it.
    """

    name: str
    folder: Path
    script_file: Path
    entry_point: str
    bindings: tuple[Binding, ...]
    trigger: Binding
    is_disabled: bool = False


def read_function(folder: Path, settings: Mapping[str, str]) -> FunctionDefinition:
    """The function in ``folder``; raises AppError with every problem found."""
    label = f"{folder.name}/{FUNCTION_JSON}"
    content = read_object(folder / FUNCTION_JSON, label)
    problems = list(_problems(folder.name, content))
    with collecting(problems):
        script = _script_file(folder, content)
    with collecting(problems):
        bindings = read_bindings(content.get("bindings"), settings)
    if problems:
        raise AppError(*(f"{label}: {problem}" for problem in problems))
    trigger = next(binding for binding in bindings if binding.type in TRIGGERS)
    entry_point = content.get("entryPoint") or "main"
    disabled = _is_disabled(folder.name, settings)
    return FunctionDefinition(folder.name, folder, script, entry_point, bindings, trigger, disabled)


def _problems(name: str, content: dict[str, Any]) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f'"{name}" is not a valid function name; use up to 128 letters, digits, - and _ after a letter'
    if content.get("retry") is not None:
        yield "retry is not supported by this emulator, and by Azure for timers only; leave it out"
    entry_point = content.get("entryPoint") or ""
    if not isinstance(entry_point, str):
        yield f"expected text in entryPoint, found {json_type(entry_point)}; write the name of a function"


def _is_disabled(name: str, settings: Mapping[str, str]) -> bool:
    """Whether one of the two settings that the host knows says so (the one without dots is for Linux)."""
    names = (f"AzureWebJobs.{name}.Disabled", f"AzureWebJobs_{name}_Disabled")
    return any(settings.get(setting, "").lower() in {"1", "true"} for setting in names)


def _script_file(folder: Path, content: dict[str, Any]) -> Path:
    named = content.get("scriptFile") or _primary_file(folder)
    if not isinstance(named, str):
        raise AppError(f"expected text in scriptFile, found {json_type(named)}; write the name of a file")
    script = Path(os.path.normpath(folder / named))
    if not os.path.isfile(script):  # noqa: PTH113  # Path.is_file raises for a name with a null character
        raise AppError(
            "Invalid script file name configuration. "
            f"The 'scriptFile' property is set to a file that does not exist. ({named})"
        )
    if not script.is_relative_to(folder.parent):
        raise AppError(f"scriptFile {named} is outside the app; move it into the folder of host.json")
    if script.suffix != ".py":
        raise AppError(f"cannot load function {folder.name}: invalid Python filename {named}")
    return script


def _primary_file(folder: Path) -> str:
    """The host's choice among the folder's files when function.json names none."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != FUNCTION_JSON)
    if len(names) == 1:
        return names[0]
    for name in names:
        if name.lower() in {"index.js", "__init__.py"} or Path(name).stem.lower() == "run":
            return name
    raise AppError(
        "Unable to determine the primary function script. Make sure at least one script file is present. "
        "Try renaming your entry point script to 'run' or alternatively you can specify the name of the entry "
        "point script explicitly by adding a 'scriptFile' property to your function metadata."
    )
