"""App settings: the process environment, and below it the Values of local.settings.json."""

import os
import re
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path

from functions_emulator.app.json_file import json_type, read_object
from functions_emulator.errors import AppError

_FILE = "local.settings.json"
_REFERENCE = re.compile(r"%([^%]+)%")
_STORAGE_KEYS = ("usedevelopmentstorage=", "accountname=", "blobendpoint=")


def read_settings(root: Path, environ: Mapping[str, str] | None) -> Mapping[str, str]:
    """Every setting of the app; a name in both places has the environment's value, as with ``func``."""
    # os.environ itself, not a copy: on Windows only it finds a name whatever its case.
    above = os.environ if environ is None else dict(environ)
    return ChainMap(above, _local_values(root / _FILE))


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """``text`` with each ``%NAME%`` replaced by that setting; raises AppError."""

    def value(reference: re.Match[str]) -> str:
        found = settings.get(reference[1])
        if not found:
            message = f"'{reference[0]}' does not resolve to a value; set {reference[1]} in {_FILE}"
            raise AppError(message)
        return found

    return _REFERENCE.sub(value, text)


def connection_problem(name: str, settings: Mapping[str, str]) -> str | None:
    """Why the setting ``name`` is not a storage connection string, or None. Never quotes its value."""
    value = settings.get(name, "").strip()
    if value.lower().startswith(_STORAGE_KEYS) or any(f";{key}" in value.lower() for key in _STORAGE_KEYS):
        return None
    if value:
        return f"the setting {name} is not a storage connection string; UseDevelopmentStorage=true means Azurite"
    if any(key.lower().startswith(f"{name}__".lower()) for key in settings):
        return (
            f"the setting {name} is identity-based ({name}__…), which this emulator does not support; "
            f"set {name} to a connection string"
        )
    return f"the setting {name} is not set; copy local.settings.example.json to {_FILE}"


def _local_values(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    content = read_object(path, _FILE)
    if content.get("IsEncrypted"):
        raise AppError(f"{_FILE}: IsEncrypted is true, and only func can decrypt it; run func settings decrypt")
    values = content.get("Values", {})
    if not isinstance(values, dict):
        raise AppError(f"{_FILE}: expected an object in Values, found {json_type(values)}; write names and texts")
    problems = [problem for name, value in values.items() if (problem := _value_problem(name, value))]
    if problems:
        raise AppError(*problems)
    return values


def _value_problem(name: str, value: object) -> str | None:
    if not isinstance(value, str):
        return f"{_FILE}: expected text in Values.{name}, found {json_type(value)}; put it in quotes"
    if not name or "=" in name or "\0" in name + value:
        return f'{_FILE}: "{name}" in Values cannot be an environment variable; rename it'
    return None
