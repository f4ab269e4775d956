"""Counts of the results of an upload."""

from collections import Counter
from dataclasses import dataclass, field

from imagectl.uploading.run import FAILED, NOT_AN_IMAGE, NOT_SENT, SKIPPED, UPLOADED, Result
from imagectl.uploading.sources import Failure, Sources

_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_STEP = 1000


@dataclass
class Tally:
    """The summary of an upload.

    Attributes:
        left_out: not sent on purpose, by reason.
        failures: to be listed at the end.
        stopped: why the rest was not tried.
    """

    counts: Counter[str] = field(default_factory=Counter)
    size: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    stopped: str = ""
    uploaded_word: str = UPLOADED

    @classmethod
    def of(cls, sources: Sources, *, dry_run: bool) -> "Tally":
        word = "to upload" if dry_run else UPLOADED
        return cls(left_out=sources.left_out, failures=list(sources.failures), uploaded_word=word)

    def add(self, result: Result) -> None:
        if result.kind == NOT_AN_IMAGE:
            self.left_out["not images"] += 1
            return
        self.counts[result.kind] += 1
        if result.kind == UPLOADED:
            self.size += result.source.size
        elif result.kind == FAILED:
            self.failures.append(Failure(result.source.name, result.reason))
        elif result.kind == NOT_SENT:
            self.stopped = self.stopped or result.reason

    @property
    def needs_attention(self) -> bool:
        return bool(self.failures or self.counts[NOT_SENT])

    def __str__(self) -> str:
        parts = [f"{self.counts[UPLOADED]:,} {self.uploaded_word} ({size_text(self.size)})"]
        if self.counts[SKIPPED]:
            parts.append(f"{self.counts[SKIPPED]:,} already there")
        if self.left_out.total():
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.left_out.items()) if count)
            parts.append(f"{self.left_out.total():,} left out ({reasons})")
        if self.counts[NOT_SENT]:
            parts.append(f"{self.counts[NOT_SENT]:,} not sent")
        if self.failures:
            parts.append(f"{len(self.failures):,} failed")
        return ", ".join(parts)


def size_text(size: float) -> str:
    """``3.1 MB``."""
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:,.0f} {unit}" if unit == _UNITS[0] else f"{size:,.1f} {unit}"
        size /= _STEP
    return f"{size:,.1f} {_UNITS[-1]}"
