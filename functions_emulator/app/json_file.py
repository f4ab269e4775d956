"""JSON objects from files that people write by hand, with one sentence for each thing that can be wrong."""

import codecs
import json
from pathlib import Path
from typing import Any

from functions_emulator.errors import AppError

_NAMES = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def json_type(value: object) -> str:
    """The JSON type of a value as a message names it: ``a list``."""
    return _NAMES[type(value)]


def read_object(path: Path, label: str) -> dict[str, Any]:
    """The JSON object in ``path``, which messages call ``label``; raises AppError."""
    text = _read_text(path, label)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise AppError(f"{label}: {_syntax_problem(text, error)}") from None
    except RecursionError:
        raise AppError(f"{label}: is nested too deeply; flatten it") from None
    if not isinstance(value, dict):
        raise AppError(f"{label}: expected a JSON object, found {json_type(value)}; put it in {{ }}")
    return value


def _read_text(path: Path, label: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AppError(f"{label}: cannot be read ({error.strerror}); make it a readable file") from None
    if content.startswith(codecs.BOM_UTF8):
        # The host would accept it, but the durable SDK reads host.json too and does not.
        raise AppError(f"{label}: starts with a byte order mark; save it as UTF-8 without one")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise AppError(f"{label}: is not UTF-8 text at byte {error.start}; save it as UTF-8") from None


def _syntax_problem(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "expected a JSON object, found nothing; write at least {}"
    where = f"line {error.lineno} column {error.colno}"
    if text.startswith(("//", "/*"), error.pos):
        return f"a comment at {where}, and JSON has none; delete it"
    return f"is not JSON at {where} ({error.msg}); correct it there"
