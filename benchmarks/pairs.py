"""Alternating runs of every way over every workload, as many as there is time for."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.end_to_end import Bench, Run, Traffic, Workload
from benchmarks.errors import BenchmarkError
from benchmarks.storage import running_storage
from benchmarks.ways import SAMPLES, Way


@dataclass
class Comparison:
    """What the ways did with one workload: a run of each way per round, and its traffic.

    Attributes:
        runs: by the way's name; those of one round have the same place in their list.
        traffic: by the way's name; empty where the uploads' requests would be counted, too.
        profiles: processor seconds per image of each package, by the way's name; for what missed its target.
    """

    workload: Workload
    runs: dict[str, list[Run]] = field(default_factory=dict)
    traffic: dict[str, Traffic] = field(default_factory=dict)
    profiles: dict[str, dict[str, float]] = field(default_factory=dict)

    def median(self, way: Way, value: Callable[[Run], float]) -> float:
        return median(value(run) for run in self.runs[way.name])

    def ratios(self, way: Way, value: Callable[[Run], float]) -> list[float]:
        """The way's value divided by that of the samples in the same round."""
        pairs = zip(self.runs[way.name], self.runs[SAMPLES.name], strict=True)
        return [value(ours) / value(samples) for ours, samples in pairs]


def compare(  # noqa: PLR0913  # what, how long, and what to tell
    workloads: Sequence[Workload],
    ways: Sequence[Way],
    folder: Path,
    *,
    pairs: int | None,
    deadline: float,
    missed: Callable[[Comparison, Way], bool],
    progress: Callable[[str], None],
) -> list[Comparison]:
    """Run rounds until there are ``pairs``, or, without that number, while one more ends before ``deadline``.

    A first run of each way, whose time does not count, warms the machine up and counts requests and bytes. The order
    of the ways is reversed from round to round. A way that ``missed`` its target is run once more under a profiler.
    ``deadline`` is of `time.monotonic`; ``progress`` gets a line per run.
    """
    with _prepared(workloads, folder) as benches:
        comparisons = [Comparison(bench.workload) for bench in benches]
        for bench, comparison in zip(benches, comparisons, strict=True):
            if not bench.workload.live:
                progress(f"counting requests and bytes: {bench.workload.name}")
                comparison.traffic = {way.name: bench.traffic(way) for way in ways}
            comparison.runs = {way.name: [] for way in ways}
        longest, rounds = 0.0, 0
        while rounds < pairs if pairs else rounds == 0 or time.monotonic() + longest < deadline:
            started = time.monotonic()
            for bench, comparison in zip(benches, comparisons, strict=True):
                for way in ways if rounds % 2 == 0 else reversed(ways):
                    comparison.runs[way.name].append(run := bench.run(way))
                    progress(f"round {rounds + 1}: {bench.workload.name}, {way.name}: {run.images_per_second:.3g}/s")
            longest, rounds = max(longest, time.monotonic() - started), rounds + 1
        for bench, comparison in zip(benches, comparisons, strict=True):
            slow = [way for way in ways if way is not SAMPLES and missed(comparison, way)]
            try:
                comparison.profiles = {way.name: bench.profile(way) for way in ([SAMPLES, *slow] if slow else [])}
            except BenchmarkError as error:
                # What was measured stays: a profiler may take a host down with it.
                progress(f"{bench.workload.name} without a profile: {error}")
    return comparisons


@contextmanager
def _prepared(workloads: Sequence[Workload], folder: Path) -> Iterator[list[Bench]]:
    """A storage of its own for each workload, so that no run waits for uploads of another."""
    with ExitStack() as stack:
        benches = []
        for workload in workloads:
            storage = stack.enter_context(running_storage(folder / workload.name))
            if not workload.live:
                storage.put(workload.blobs())
            benches.append(Bench(workload, storage, folder))
        yield benches
