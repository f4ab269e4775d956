"""`imagectl status` as tests run it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Status = Callable[..., tuple[int, dict[str, Any]]]
"""Runs it; returns exit status and report."""


def ago(**age: int) -> str:
    return (datetime.now(UTC) - timedelta(**age)).strftime("%Y-%m-%dT%H:%M:%SZ")
