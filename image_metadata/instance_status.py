"""What the status of an orchestration says, as the durable API shows it."""

from typing import Any

from image_metadata.model import FailureCode
from image_metadata.payload import code_of, kind_of

ORCHESTRATOR = "OrchestratorFunction"

LIVE = ("Pending", "Running", "ContinuedAsNew", "Suspended")
"""The runtime statuses of an orchestration that has not ended."""

# Releases up to 1.0 set no code: their failure texts begin with the name of an exception.
_EARLIER_FAILURES = {"CannotReadNow": FailureCode.INACCESSIBLE}


def is_active_or_stored(runtime_status: str, output: Any) -> bool:
    """Whether the orchestration needs no restart: it has not ended, or it completed with a row.

    One that completed with ``deleted`` stored none, and the blob may have been restored since.
    """
    stored = kind_of(output) in {"metadata", "rejection"}
    return runtime_status in LIVE or (runtime_status == "Completed" and stored)


def failure_code(custom_status: Any, output: Any) -> FailureCode | None:
    """Why an orchestration failed; None when it did not, or did without a code (terminated, or a bug)."""
    reason = str(output).partition("failed:")[2]
    return code_of(custom_status) or _EARLIER_FAILURES.get(reason.strip().partition(":")[0])
