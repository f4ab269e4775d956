"""What OrchestratorFunction calls: one step of the workflow, with its retries, its status and its failure."""

import re
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn, Protocol

from image_metadata.durable_sdk import retry_options
from image_metadata.errors import WorkflowFailedError
from image_metadata.model import FailureCode, WorkflowStatus
from image_metadata.payload import Payload, code_of, encode, kind_of, text_of
from image_metadata.retry import RetryPolicy
from image_metadata.text import printable

EXTRACT_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), max_interval=timedelta(minutes=1), max_attempts=10)
"""Storage recovers within minutes: 10 attempts span six."""

STORE_RETRY = RetryPolicy(initial_interval=timedelta(seconds=10), max_interval=timedelta(hours=1), max_attempts=33)
"""A database may be down overnight: 33 attempts span 24 hours. Each one makes every later replay longer."""

# The host's sentence about an activity: "Activity function 'StoreMetadata' failed:  TransientDatabaseError: …".
_REASON = re.compile(r"failed:\s+(?P<sentence>.*)", re.DOTALL)


class Context(Protocol):
    """The part of `azure.durable_functions.DurableOrchestrationContext` that is used here."""

    def call_activity_with_retry(self, name: str, retry_options: Any, input_: Any) -> Any: ...

    def set_custom_status(self, status: Any) -> None: ...


def call(context: Context, activity: str, payload: Payload, retry: RetryPolicy) -> Generator[Any, Any, Payload]:
    """Call an activity; ``payload`` is that of an upload or of an extraction's result, and is passed on as it is.

    The custom status names step and blob, and the failure code before a failure is raised.

    Raises:
        WorkflowFailedError: every attempt failed, or the activity returned a permanent failure.
    """
    status = WorkflowStatus(step=activity, blob=_blob(payload))
    context.set_custom_status(encode(status))
    try:
        result: Payload = yield context.call_activity_with_retry(activity, retry_options(retry), payload)
    except Exception as error:  # noqa: BLE001  # the SDK raises nothing more specific
        sentence = f"{activity} failed {retry.max_attempts} times, the last time with {_sentence(error)}"
        _fail(context, status, FailureCode.RETRIES_EXHAUSTED, sentence)
    match kind_of(result):
        case "failure":
            _fail(context, status, code_of(result) or FailureCode.INTERNAL_ERROR, text_of(result, "detail"))
        case "inaccessible":
            _fail(context, status, FailureCode.INACCESSIBLE, text_of(result, "detail"))
    return result


def _fail(context: Context, status: WorkflowStatus, code: FailureCode, detail: str) -> NoReturn:
    context.set_custom_status(encode(replace(status, code=code)))
    raise WorkflowFailedError(f"{code}: {printable(detail, limit=500)}") from None


def _blob(payload: Any) -> str:
    upload = payload.get("upload", payload) if isinstance(payload, dict) else None
    # Not the name as it is: the host refuses a custom status of more than 16 KB in UTF-16.
    return printable(f"{text_of(upload, 'container')}/{text_of(upload, 'name')}")


def _sentence(error: Exception) -> str:
    # Behind " \n " follow kilobytes of the host's own stack.
    reason = str(error).split(" \n ", 1)[0]
    match = _REASON.search(reason)
    return " ".join((match["sentence"] if match else reason).split())
