"""What the orchestrator's story is told with: how long each step is retried, and how a failure reads."""

import re
from collections.abc import Generator
from datetime import timedelta
from typing import Any

from azure.durable_functions import DurableOrchestrationContext, RetryOptions

from image_metadata.errors import BlobInaccessibleError, StepFailedError
from image_metadata.model import Inaccessible, Outcome, Payload, Upload, outcome_from_dict
from image_metadata.text import printable

ORCHESTRATOR = "OrchestratorFunction"
EXTRACT = "ExtractMetadata"
STORE = "StoreMetadata"

LIVE = ("Pending", "Running", "ContinuedAsNew", "Suspended")
"""The durable API's runtime statuses of an orchestration that has not ended."""

_MILLISECOND = timedelta(milliseconds=1)
_REASON = re.compile(r"failed:\s+(?P<sentence>.*)", re.DOTALL)


class Backoff(RetryOptions):
    """Retries whose waits double from ``first`` up to ``longest``; ``attempts`` counts the first try.

    The SDK has no backoff; the host honors these two keys of the retry options all the same.
    """

    def __init__(self, *, first: timedelta, longest: timedelta, attempts: int) -> None:
        super().__init__(first // _MILLISECOND, attempts)
        self.longest = longest

    def to_json(self) -> dict[str, Any]:
        longest = self.longest // _MILLISECOND
        return {**super().to_json(), "backoffCoefficient": 2.0, "maxRetryIntervalInMilliseconds": longest}


EXTRACT_RETRY = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=1), attempts=10)
"""Storage comes back within minutes; after these six, a person should look."""

STORE_RETRY = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=30), attempts=57)
"""A database is down overnight at most: 57 attempts span 24 hours."""


def is_active_or_stored(runtime_status: str, output: Any) -> bool:
    """Whether an orchestration is to be left alone: it is live and will write the row, or has written one.

    One that completed with ``gone`` wrote none: the blob may be there again.
    """
    wrote_row = isinstance(output, dict) and output.get("kind") in {"metadata", "rejection"}
    return runtime_status in LIVE or (runtime_status == "Completed" and wrote_row)


def step(
    context: DurableOrchestrationContext, activity: str, retry: Backoff, upload: Upload, payload: Payload
) -> Generator[Any, Any, Payload]:
    """Run one activity with its retries; the custom status says which one it is, and for which blob.

    Raises:
        StepFailedError: every attempt failed; one sentence with the last cause.
    """
    # Not the payload's name: the host refuses a custom status of more than 16 KB in UTF-16.
    context.set_custom_status({"step": activity, "blob": str(upload)})
    try:
        result: Payload = yield context.call_activity_with_retry(activity, retry, payload)
    except Exception as error:  # noqa: BLE001  # the SDK raises nothing finer
        # Behind " \n " follow kilobytes of the host's own stack.
        attempts = retry.max_number_of_attempts
        raise StepFailedError(f"{activity} gave up after {attempts} attempts: {_sentence(error)}") from None
    return result


def require_accessible(found: Payload) -> Payload:
    """Pass on what the extraction found, unless nothing can be read until a person acts.

    Raises:
        BlobInaccessibleError: the blob is archived, or encrypted with a key that the app has not.
    """
    outcome: Outcome = outcome_from_dict(found)
    if isinstance(outcome, Inaccessible):
        raise BlobInaccessibleError(f"BlobInaccessibleError: {outcome.detail}")
    return found


def _sentence(error: Exception) -> str:
    reason = str(error).split(" \n ", 1)[0]
    match = _REASON.search(reason)
    return printable(" ".join((match["sentence"] if match else reason).split()), limit=500)
