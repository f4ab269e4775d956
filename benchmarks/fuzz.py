"""Fuzz the header reader with mutated files of every format: ``python -m benchmarks.fuzz``."""

import argparse
import hashlib
import resource
import secrets
import shlex
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from image_metadata.model import RejectionReason
from tests.corpus.catalog import CORPUS
from tests.corpus.mutations import mutate
from tests.corpus.robustness import Verdict, check
from tests.corpus.sample import Sample

_MOST_GROWTH = 32 * 1024
"""KiB by which the peak of the process may grow after the first fifth of the time."""

_ENOUGH_FAILURES = 10
_SMALL = 100_000

_console = Console(highlight=False, markup=False, soft_wrap=True)


@dataclass
class Run:
    """Outcomes of a run.

    Attributes:
        outcomes: number of files by family and outcome.
        slowest: family → processor time of its slowest file, in seconds.
        failures: a line for each file that broke a promise of the reader.
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 1 when a file broke a promise."""
    options = _options(arguments)
    if options.file is not None:
        verdict = check(options.file.read_bytes(), options.file.name)
        _console.print("\n".join([verdict.outcome, *verdict.problems]))
        return int(bool(verdict.problems))
    _console.print(f"seed {options.seed}, {options.seconds:g} seconds, {len(CORPUS)} files to mutate")
    run = fuzz(Random(options.seed), options.seconds)  # noqa: S311  # repeatable, not secret
    _report(run)
    return int(bool(run.failures))


def fuzz(random: Random, seconds: float) -> Run:
    """Mutate files and read them until the time is over or ten of them have failed."""
    families = {family: [sample for sample in CORPUS if sample.family == family] for family in _names(CORPUS)}
    corpus = [sample.data for sample in CORPUS if len(sample.data) < _SMALL]
    run, started, settled = Run(), time.monotonic(), 0
    while (elapsed := time.monotonic() - started) < seconds and len(run.failures) < _ENOUGH_FAILURES:
        family = random.choice(list(families))
        sample = random.choice(families[family])
        data = mutate(random, [sample.data, sample.data, random.choice(corpus)])
        verdict = check(data, sample.name)
        run.outcomes[family, verdict.outcome] += 1
        run.slowest[family] = max(run.slowest.get(family, 0.0), verdict.seconds)
        if verdict.problems:
            run.failures.append(_keep(sample, data, verdict))
        if elapsed < seconds / 5:
            settled = _peak()
    if settled and _peak() - settled > _MOST_GROWTH:
        run.failures.append(f"expected peak memory to stay at {settled} KiB, but it grew to {_peak()} KiB")
    return run


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="duration of the run (default: 60)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat the run with this seed")
    parser.add_argument("--file", type=Path, help="read one file that an earlier run kept, and show its outcome")
    return parser.parse_args(arguments)


def _names(samples: Sequence[Sample]) -> list[str]:
    return sorted({sample.family for sample in samples})


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _keep(sample: Sample, data: bytes, verdict: Verdict) -> str:
    """Save the file, and return the problem with the command that reproduces it."""
    path = Path(tempfile.mkdtemp(prefix="fuzz-")) / sample.name
    path.write_bytes(data)
    return f"{verdict.problems[0]}\n  python -m benchmarks.fuzz --file {shlex.quote(str(path))}"


def _report(run: Run) -> None:
    reasons = [str(reason) for reason in RejectionReason]
    table = Table("mutated", "files", "image", *reasons, "slowest ms")
    for family in sorted({family for family, _ in run.outcomes}):
        outcomes = Counter({outcome: count for (name, outcome), count in run.outcomes.items() if name == family})
        rejected = [outcomes[reason] for reason in reasons]
        counts = [outcomes.total(), outcomes.total() - sum(rejected), *rejected]
        table.add_row(family, *map(str, counts), f"{1000 * run.slowest[family]:.1f}")
    _console.print(table)
    for failure in run.failures:
        _console.print(failure)
    _console.print(
        f"for comparison: this machine takes {1000 * reference_seconds():.1f} ms to hash 16 MiB with SHA-256"
    )
    _console.print(f"{run.outcomes.total()} files, {len(run.failures)} failed")


def reference_seconds() -> float:
    """Processor time of a fixed piece of work, hashing 16 MiB: it tells a slow machine from a slow parser."""
    data = bytes(16 * 1024 * 1024)
    started = time.thread_time()
    hashlib.sha256(data).digest()
    return time.thread_time() - started


if __name__ == "__main__":
    sys.exit(main())
