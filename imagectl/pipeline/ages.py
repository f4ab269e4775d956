"""How long ago, and how long the retries of an orchestration explain that it runs."""

from datetime import timedelta

from image_metadata.orchestrator_function import EXTRACT_RETRY, STORE_RETRY
from image_metadata.retry import RetryPolicy

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60))


def span(policy: RetryPolicy) -> timedelta:
    """The waits of a policy, from the first attempt to the start of the last one."""
    wait, total = policy.initial_interval, timedelta()
    for _ in range(policy.max_attempts - 1):
        total += min(wait, policy.max_interval)
        wait *= policy.backoff
    return total


def max_age_with_retries(step: str) -> timedelta:
    """How old an orchestration may be at this step, when all that its retries allow has happened."""
    return span(EXTRACT_RETRY) + (span(STORE_RETRY) if step == "StoreMetadata" else timedelta())


def attempts_allowed(step: str) -> int | None:
    return {"ExtractMetadata": EXTRACT_RETRY.max_attempts, "StoreMetadata": STORE_RETRY.max_attempts}.get(step)


def age_text(age: timedelta) -> str:
    """``3d``, ``2h``, ``5m`` or ``8s``."""
    seconds = max(0, int(age.total_seconds()))
    return next((f"{seconds // size}{unit}" for unit, size in _UNITS if seconds >= size), f"{seconds}s")
