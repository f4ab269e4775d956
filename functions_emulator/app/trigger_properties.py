"""What the blob, queue and timer triggers of a function.json say beyond name and type, checked."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from functions_emulator.app.blob_path import BlobPath
from functions_emulator.app.json_file import json_type
from functions_emulator.app.schedule import Schedule
from functions_emulator.app.settings import connection_problem, resolve
from functions_emulator.errors import AppError

BLOB_TRIGGER = "blobTrigger"
QUEUE_TRIGGER = "queueTrigger"
TIMER_TRIGGER = "timerTrigger"
STORAGE = "AzureWebJobsStorage"

SETTING_REFERENCES = {
    BLOB_TRIGGER: {"path": "", "connection": STORAGE},
    QUEUE_TRIGGER: {"queueName": "", "connection": STORAGE},
    TIMER_TRIGGER: {"schedule": ""},
}
"""The properties per trigger that may hold ``%Setting%``, each with the host's default."""

_SCAN = "LogsAndContainerScan"
_QUEUE_NAME = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def trigger_problems(entry: Mapping[str, Any], settings: Mapping[str, str]) -> Iterator[str]:
    """One sentence per problem of a binding that is one of these triggers."""
    if entry["type"] == BLOB_TRIGGER:
        yield from _source_problems(entry)
    for name, default in SETTING_REFERENCES.get(entry["type"], {}).items():
        try:
            value = _text(entry, name, default, settings)
            problem = _value_problem(name, value, settings)
        except AppError as error:
            problem = str(error)
        if problem:
            yield problem


def _text(entry: Mapping[str, Any], name: str, default: str, settings: Mapping[str, str]) -> str:
    value = entry.get(name) or default or None
    if not isinstance(value, str):
        raise AppError(f"expected text in {name}, found {json_type(value)}; write it in quotes")
    return resolve(value, settings)


def _value_problem(name: str, value: str, settings: Mapping[str, str]) -> str | None:
    match name:
        case "path":
            BlobPath.parse(value)
        case "schedule":
            Schedule.parse(value)
        case "connection":
            return connection_problem(value, settings)
        case "queueName":
            # The host lowers the case itself.
            if not _QUEUE_NAME.fullmatch(value.lower()):
                return f'queueName "{value}" cannot name a queue; use 3 to 63 letters, digits and single dashes'
    return None


def _source_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    source = entry.get("source", _SCAN)
    if str(source).lower() == "eventgrid":
        yield f'source "EventGrid" is not supported by this emulator: Azurite sends no events; write "{_SCAN}"'
    elif str(source).lower() != _SCAN.lower():
        yield (
            f"Unable to configure binding '{entry.get('name')}' of type '{BLOB_TRIGGER}'. "
            f'This may indicate invalid function.json properties (source "{source}").'
        )
