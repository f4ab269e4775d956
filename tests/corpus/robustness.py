"""What must hold for any bytes: a header or a rejection, without warnings or log lines, within the budget."""

import json
import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.reader import Budget
from image_metadata.model import ImageHeader
from tests.corpus.reading import CountedFile

LONGEST = 3.0
"""Seconds of processor time for one file; generous, as the bound that holds is the one on reads."""

_LARGEST_PAYLOAD = 8 * 1024


@dataclass
class Verdict:
    """The result of one file.

    Attributes:
        outcome: format of the header, or reason of the rejection.
        seconds: processor time that the file took.
        problems: one line for each promise that was broken.
    """

    outcome: str = ""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def check(data: bytes, name: str) -> Verdict:
    """Read the header of hostile bytes and check every promise."""
    verdict = Verdict()
    file = CountedFile(data)
    started = time.thread_time()
    with _noises() as noises:
        try:
            header = file.header(name)
            verdict.outcome = header.format
            verdict.problems += _flaws(header)
        except HeaderRejectedError as rejection:
            verdict.outcome = rejection.reason
        except Exception as error:  # noqa: BLE001  # any other exception is a broken promise
            verdict.outcome = "escaped"
            verdict.problems.append(f"expected a header or a rejection, found {type(error).__name__}: {error}")
    verdict.problems += [f"expected silence, found {noise}" for noise in noises]
    verdict.seconds = time.thread_time() - started
    verdict.problems += _costs(file, verdict.seconds)
    return verdict


def _flaws(header: ImageHeader) -> list[str]:
    """A header has to fit into a payload: plain JSON, numbers that are numbers, not too long."""
    try:
        payload = json.dumps(asdict(header), allow_nan=False)
    except (TypeError, ValueError) as error:
        return [f"expected a header of plain numbers and texts, found {error}"]
    return [f"expected a short header, found {len(payload)} characters"] if len(payload) > _LARGEST_PAYLOAD else []


def _costs(file: CountedFile, seconds: float) -> list[str]:
    budget = Budget()
    limits = (
        ("bytes fetched", file.fetched, budget.bytes),
        ("requests", file.requests, budget.requests),
        # The read that exceeds the budget is the one that is refused.
        ("reads", file.reads - 1, budget.reads),
        ("seconds", seconds, LONGEST),
    )
    return [f"expected at most {limit} {what}, found {spent}" for what, spent, limit in limits if spent > limit]


@contextmanager
def _noises() -> Iterator[list[str]]:
    """Warnings, and log lines of every level."""
    heard: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: heard.append(f"log line {record.getMessage()!r}")  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield heard
        heard += [f"warning {warning.message}" for warning in warned]
    finally:
        root.setLevel(level)
        root.removeHandler(listener)
