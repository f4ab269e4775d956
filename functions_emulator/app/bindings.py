"""The ``bindings`` of a function.json, checked as the host checks them, and against what this emulator has.

Sentences without a next move are the host's own, so that a search for them finds its documentation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions_emulator.app.json_file import json_type
from functions_emulator.app.settings import resolve
from functions_emulator.app.trigger_properties import (
    BLOB_TRIGGER,
    QUEUE_TRIGGER,
    SETTING_REFERENCES,
    TIMER_TRIGGER,
    trigger_problems,
)
from functions_emulator.errors import AppError

DURABLE_CLIENT = "durableClient"
ORCHESTRATION_TRIGGER = "orchestrationTrigger"
ACTIVITY_TRIGGER = "activityTrigger"
TRIGGERS = (BLOB_TRIGGER, QUEUE_TRIGGER, TIMER_TRIGGER, ORCHESTRATION_TRIGGER, ACTIVITY_TRIGGER)

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,127}|\$return")
_DATA_TYPES = ("string", "binary", "stream")
_UNSUPPORTED = {
    BLOB_TRIGGER: (),
    QUEUE_TRIGGER: (),
    TIMER_TRIGGER: ("runOnStartup",),
    DURABLE_CLIENT: ("taskHub", "connectionName", "externalClient", "durableRequiresGrpc"),
    ORCHESTRATION_TRIGGER: ("orchestration",),
    ACTIVITY_TRIGGER: ("activity",),
}


@dataclass(frozen=True)
class Binding:
    """One entry of ``bindings``; ``properties`` is all else it says.

    What a trigger's properties take from settings (path, queue name, connection, schedule) is resolved.
    """

    name: str
    type: str
    direction: str
    properties: Mapping[str, Any]


def read_bindings(entries: object, settings: Mapping[str, str]) -> tuple[Binding, ...]:
    """The bindings of one function; raises AppError with every problem, each naming its binding."""
    if not isinstance(entries, list) or not entries:
        raise AppError("At least one binding must be declared.")
    problems = [problem for place, entry in enumerate(entries) for problem in _entry_problems(place, entry, settings)]
    if problems:
        raise AppError(*problems)
    bindings = tuple(_binding(entry, settings) for entry in entries)
    problems = list(_problems_together(bindings))
    if problems:
        raise AppError(*problems)
    return bindings


def _entry_problems(place: int, entry: object, settings: Mapping[str, str]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"binding {place + 1}: expected an object, found {json_type(entry)}; write name, type and direction"]
    name = entry.get("name")
    label = f'binding "{name}"' if isinstance(name, str) else f"binding {place + 1}"
    return [f"{label}: {problem}" for problem in _problems_of(entry, settings)]


def _problems_of(entry: dict[str, Any], settings: Mapping[str, str]) -> Iterator[str]:
    name, binding_type = entry.get("name"), entry.get("type")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        shown = name if isinstance(name, str) else json_type(name)
        yield f"The binding name {shown} is invalid. Please assign a valid name to the binding."
    if binding_type not in _UNSUPPORTED:
        yield _unknown_type(binding_type)
        return
    yield from _direction_problems(entry)
    yield from _unsupported_properties(entry)
    if entry.get("dataType", "binary") not in _DATA_TYPES:
        yield f"expected string, binary or stream in dataType, found {entry['dataType']}; correct it"
    yield from trigger_problems(entry, settings)


def _unknown_type(found: object) -> str:
    if not isinstance(found, str):
        return f"expected text in type, found {json_type(found)}; write for example blobTrigger"
    if found == "orchestrationClient":
        return 'type "orchestrationClient" is of Durable Functions 1.x and not supported; write durableClient'
    known = next((known for known in _UNSUPPORTED if known.lower() == found.lower()), None)
    if known:
        return f'type "{found}" is not known to the Python worker; write {known}'
    return f'type "{found}" is not supported by this emulator, only {", ".join(_UNSUPPORTED)}; run the app with func'


def _direction_problems(entry: dict[str, Any]) -> Iterator[str]:
    direction = entry.get("direction", "in")
    if direction == "inout":
        yield '"inout" bindings are not supported'
    elif entry.get("name") == "$return" and direction != "out":
        yield '"$return" binding must have direction set to "out"'
    elif direction != "in":
        yield f'direction "{direction}" is not supported by this emulator for {entry["type"]}; write "in"'


def _unsupported_properties(entry: dict[str, Any]) -> Iterator[str]:
    unsupported = {name.lower() for name in _UNSUPPORTED[entry["type"]]}
    for name, value in entry.items():
        if name.lower() in unsupported and value:
            yield f"{name} is not supported by this emulator; leave it out"
    bag = entry.get("properties") or {}
    if not isinstance(bag, dict):
        yield f"expected an object in properties, found {json_type(bag)}; correct it"
    elif bag.get("supportsDeferredBinding"):
        yield "supportsDeferredBinding is not supported by this emulator; leave it out"


def _binding(entry: dict[str, Any], settings: Mapping[str, str]) -> Binding:
    properties = {key: value for key, value in entry.items() if key not in {"name", "type", "direction"}}
    for name, default in SETTING_REFERENCES.get(entry["type"], {}).items():
        properties[name] = resolve(entry.get(name) or default, settings)
    return Binding(entry["name"], entry["type"], entry.get("direction", "in"), properties)


def _problems_together(bindings: tuple[Binding, ...]) -> Iterator[str]:
    for place, binding in enumerate(bindings):
        if binding.name.lower() in {earlier.name.lower() for earlier in bindings[:place]}:
            yield f"Multiple bindings with name '{binding.name}' discovered. Binding names must be unique."
    triggers = [binding for binding in bindings if binding.type in TRIGGERS]
    if not triggers:
        yield "No trigger binding specified. A function must have a trigger input binding."
    elif len(triggers) > 1:
        listed = ", ".join(f'"{trigger.name}"' for trigger in triggers)
        yield f"expected one trigger, found {listed}; keep one and give the others functions of their own"
