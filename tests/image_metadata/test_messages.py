"""No message and no payload of ours holds what the Functions host removes: it would take the next move with it."""

import ast
import importlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image_metadata.model import Inaccessible, Rejection, Upload
from image_metadata.payload import encode
from image_metadata.text import printable
from tests.image_metadata.test_payload import FACTS
from tests.support.replay import Orchestration
from tests.support.sanitizer import sanitize

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("image_metadata/**/*.py"), *ROOT.glob("*/__init__.py")])
HAZARDS = [
    *("?sig=", "&amp;sig=", "Password=", "pwd=", "Server=", "AccountKey=", "key=", "/code=", "Token=", "Data Source="),
    *("://user:passw@host:80", "é://u:p@h.png", "\nStack:", "$OutOfProcData$:", '"', "'", "<", "\\", " \n ", "=", "@"),
]
NAMES = st.lists(st.sampled_from(HAZARDS) | st.text(max_size=5), min_size=1, max_size=8).map("".join)

fuzzed = settings(deadline=None)  # the first example imports the SDK


@pytest.fixture(autouse=True, scope="module")
def strict_typing():
    """As the app's settings have it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")
        yield


def texts(source: Path) -> Iterator[str]:
    """Every text that may become a message; docstrings do not."""
    tree = ast.parse(source.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_no_text_in_the_source_is_changed_by_the_host(source: Path):
    assert [text for text in texts(source) if sanitize(text) != text] == []


@given(NAMES)
def test_a_printable_name_is_left_as_it_is(name: str):
    message = f"expected to read {Upload('a', 'image-input', name, '')}, found {printable(name)}; check it"
    assert sanitize(message) == message


@given(NAMES, NAMES)
def test_a_payload_is_left_as_it_is(name: str, detail: str):
    upload = Upload("pictures", "image-input", name, "0x1")
    outcome = Rejection(instance_id="i", upload=upload, blob=FACTS, reason="corrupt", detail=detail)
    text = json.dumps(encode(outcome), ensure_ascii=False)
    assert sanitize(text) == text


@fuzzed
@given(NAMES, NAMES)
def test_the_state_of_a_failed_orchestration_arrives_whole(name: str, detail: str):
    upload = Upload("pictures", "image-input", name, "0x1")
    outcome = encode(Inaccessible(instance_id=upload.id, upload=upload, detail=detail))
    states: list[str] = []

    def main(context: func.OrchestrationContext) -> Any:
        try:
            return importlib.import_module("OrchestratorFunction").main(context)
        except Exception as failure:
            states.append(str(failure))
            raise

    Orchestration(main, {"ExtractMetadata": lambda _: outcome}, encode(upload)).run()
    (text,) = states
    label, state = text.split("$OutOfProcData$:")
    assert sanitize(text) == text
    assert "\nStack:" not in text
    assert json.loads(state)["customStatus"]["code"] == "inaccessible"
    assert label.startswith("inaccessible: ")


@fuzzed
@given(NAMES)
def test_the_last_cause_of_exhausted_retries_arrives_whole(message: str):
    def fails(_: Any) -> Any:
        raise ConnectionError(message)

    upload = Upload("pictures", "image-input", "a.png", "0x1")
    logging.disable(logging.CRITICAL)
    done = Orchestration(
        importlib.import_module("OrchestratorFunction").main, {"ExtractMetadata": fails}, encode(upload)
    )
    error = str(done.run().error)
    logging.disable(logging.NOTSET)
    assert sanitize(error) == error
    assert error.startswith("retries_exhausted: ")
