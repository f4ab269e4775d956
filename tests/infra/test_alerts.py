"""The log queries of alerts match what the app and its host log."""

import ast
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from image_metadata.model import BlobFacts, Rejection, RejectionReason, Upload
from image_metadata.store_metadata import store
from tests.support.bicep import Template

ROOT = Path(__file__).resolve().parents[2]
_FAILED = "abc: Function 'OrchestratorFunction (Orchestrator)' failed with an error. Reason: x. IsReplay: False."
OF_THE_HOST = {
    "Message decoding has failed": "Message decoding has failed! Check MessageEncoding settings.",
    "has reached MaxDequeueCount": "Message has reached MaxDequeueCount of 20. Moving message to queue 'x-poison'.",
    "(Orchestrator)": _FAILED,
    "failed with an error": _FAILED,
    "Ingestion": "Ingestion",
    "OverQuota": "The data volume collected exceeded the daily limit and collection stopped (OverQuota)",
}
"""Phrases of log lines of the host, each with its line (queue listener; Durable's EndToEndTraceHelper)."""


def phrases(templates: dict[str, Template], alert: str) -> list[str]:
    (query,) = [found["query"] for found in templates["alerts"].variables["logAlerts"] if found["name"] == alert]
    return re.findall(r'"([^"]+)"', query)


@pytest.mark.parametrize("alert", ["message-moved-to-poison-queue", "orchestration-failed", "log-cap-reached"])
def test_a_query_on_the_host_matches_its_log_line(templates: dict[str, Template], alert: str):
    found = phrases(templates, alert)
    assert len(found) == 2
    assert all(phrase in OF_THE_HOST[phrase] for phrase in found)


def log_lines() -> list[str]:
    """The format of every line that the app logs."""
    return [
        node.args[0].value
        for source in sorted((ROOT / "image_metadata").rglob("*.py"))
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "_LOG"
        and isinstance(node.args[0], ast.Constant)
    ]


@pytest.mark.parametrize("alert", ["upload-not-announced", "uploads-missed", "no-reconciliation"])
def test_a_query_on_the_app_matches_the_beginning_of_one_log_line(templates: dict[str, Template], alert: str):
    (phrase,) = phrases(templates, alert)
    assert len([line for line in log_lines() if line.startswith(phrase)]) == 1


def test_every_log_alert_is_compared_with_a_log_line(templates: dict[str, Template]):
    names = {found["name"] for found in templates["alerts"].variables["logAlerts"]}
    assert names == {
        "upload-not-announced",
        "message-moved-to-poison-queue",
        "orchestration-failed",
        "store-failing-for-an-hour",
        "many-rejections",
        "uploads-missed",
        "no-reconciliation",
        "log-cap-reached",
    }


class InsertingConnections:
    """A database that accepts every row."""

    def run(self, *_arguments: Any) -> int:
        return 1


def test_the_query_for_rejections_matches_the_log_of_the_store(
    templates: dict[str, Template], caplog: pytest.LogCaptureFixture
):
    upload = Upload("account", "image-input", "a.txt", "0x8DE")
    facts = BlobFacts(size=5, uploaded_at="2026-11-22T06:28:51.000")
    found = Rejection(
        instance_id=upload.id, upload=upload, blob=facts, reason=RejectionReason.CORRUPT, detail="for the test"
    )
    with caplog.at_level(logging.INFO):
        store(found, InsertingConnections())  # type: ignore[arg-type]  # all that the store calls
    any_row, rejected, read = phrases(templates, "many-rejections")
    assert any_row in caplog.text
    assert rejected in caplog.text
    assert read == rejected.replace("rejection", "metadata")


def test_the_query_on_requests_names_a_function(templates: dict[str, Template]):
    assert phrases(templates, "store-failing-for-an-hour") == ["StoreMetadata"]
