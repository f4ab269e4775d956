"""The tables of the benchmark, made from what was measured; the targets stand here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.cold_start import ColdStart
from benchmarks.end_to_end import Run
from benchmarks.formats import SIZE, Fetched, ProcessorTime
from benchmarks.latency import STAGES, Latency
from benchmarks.pairs import Comparison
from benchmarks.results import Result, Section, amount, duration, spread
from benchmarks.ways import SAMPLES, Way

_RATES = {
    ("330 KB", "queue"): 1.3,
    ("10 MB", "queue"): 3.0,
    ("330 KB", "polling"): 1.0,
    ("10 MB", "polling"): 1.15,
    ("330 KB live", "queue"): 1.1,
    ("330 KB live", "polling"): 1.1,
}
"""Least images per second, as a multiple of the samples'."""

_BYTES = {("330 KB", "queue"): 0.06, ("10 MB", "queue"): 0.002}
"""Most bytes that app and host move, as a share of the samples'."""

_REQUESTS = {"queue": 2.2, "polling": 3.2}
"""Most storage requests per image of app and host."""

_LARGE_BLOB = 16 * 1024 * 1024
"""Most bytes above idle of the host's memory, with the queue intake."""

_TRIGGER_TO_ROW = 0.060
_UPLOAD_TO_ROW = 0.150
_PROFILE_LINES = 12
_MOST_BYTES = 64 * 1024
_MOST_REQUESTS = 2
_HEADER_SHARE = 0.01


@dataclass(frozen=True)
class Fuzzed:
    """Processor seconds of the slowest mutated file by family, and of a fixed piece of work on this machine."""

    slowest: Mapping[str, float]
    files: int
    reference: float


def throughput(comparisons: Sequence[Comparison], ways: Sequence[Way]) -> Section:
    rounds = len(comparisons[0].runs[SAMPLES.name])
    return Section(
        "Images per second, from end to end",
        "Blobs and events are there before the host starts; live means that they are uploaded while it runs. Medians "
        f"of {rounds} alternating runs; the ratio is the median of the pairs, with the least and the greatest. More is "
        "better.",
        [_rate(comparison, way) for comparison in comparisons for way in _ours(ways)],
    )


def missed_rate(comparison: Comparison, way: Way) -> bool:
    """Whether a way processed fewer images per second than its target."""
    return _rate(comparison, way).reached is False


def profiles(comparisons: Sequence[Comparison]) -> list[Section]:
    """A table for each way that missed its target: where the processor time of an image goes."""
    return [
        Section(
            f"Where the processor time goes: {comparison.workload.name}, {name}",
            "Per image, of the host's process in a run under a sampling profiler. The engine "
            "(durabletask, functions_emulator) is the same for both.",
            [
                Result(
                    what=package,
                    samples=duration(comparison.profiles[SAMPLES.name].get(package, 0)),
                    ours=duration(packages.get(package, 0)),
                )
                for package in _largest(packages, comparison.profiles[SAMPLES.name])
            ],
        )
        for comparison in comparisons
        for name, packages in comparison.profiles.items()
        if name != SAMPLES.name
    ]


def costs(comparisons: Sequence[Comparison], ways: Sequence[Way]) -> Section:
    return Section(
        "What an image costs",
        "Requests and bytes of app and host together, counted in a run of their own; listings and empty polls are made "
        "for no image and not counted as requests. Processor time and memory are those of the host's process. Less is "
        "better.",
        [
            result
            for comparison in comparisons
            if comparison.traffic
            for way in _ours(ways)
            for result in _costs(comparison, way)
        ],
    )


def latency(found: Mapping[str, Latency], intervals: Mapping[str, float]) -> Section:
    """``intervals``: by the way's name the longest time between two looks for uploads, in seconds."""
    results = [
        Result(
            what=f"{name}: {stage}",
            samples=duration(found[SAMPLES.name].stages[stage]),
            ours=duration(latency.stages[stage]),
        )
        for name, latency in found.items()
        if name != SAMPLES.name
        for stage in STAGES
    ]
    for name, latency in found.items():
        if name == SAMPLES.name:
            continue
        samples, limit = found[SAMPLES.name], _UPLOAD_TO_ROW + intervals[name]
        results += [
            Result(
                what=f"{name}: from the trigger to the row",
                samples=duration(samples.trigger_to_row),
                ours=duration(latency.trigger_to_row),
                target=f"≤ {duration(_TRIGGER_TO_ROW)}",
                reached=latency.trigger_to_row <= _TRIGGER_TO_ROW,
            ),
            Result(
                what=f"{name}: from the upload to the row",
                samples=duration(samples.upload_to_row),
                ours=duration(latency.upload_to_row),
                target=f"≤ {duration(_UPLOAD_TO_ROW)} and the {duration(intervals[name])} between two looks",
                reached=latency.upload_to_row <= limit,
            ),
        ]
    return Section("One image on an idle stack", "330 KB, medians, stage by stage.", results)


def large_blob(size: int, peak: int) -> Section:
    return Section(
        "One very large blob",
        "The most resident memory of the host's process above what it has when idle, with the queue intake.",
        [
            Result(
                what=f"TIFF of {amount(size)}",
                ours=amount(peak),
                target=f"≤ {amount(_LARGE_BLOB)}",
                reached=peak <= _LARGE_BLOB,
            )
        ],
    )


def cold_start(found: Mapping[str, Sequence[ColdStart]], way: Way) -> Section:
    pairs = list(zip(found[way.name], found[SAMPLES.name], strict=True))

    def line(what: str, values: list[tuple[float, float]], *, as_bytes: bool = False, target: bool = False) -> Result:
        show, ratios = amount if as_bytes else duration, [ours / samples for ours, samples in values]
        return Result(
            what=what,
            samples=show(median(samples for _, samples in values)),
            ours=show(median(ours for ours, _ in values)),
            ratio=spread(ratios),
            target="≤ 1.0 of it" if target else "",
            reached=median(ratios) <= 1.0 if target else None,
        )

    return Section(
        "Cold start",
        f"A fresh process imports all functions, extracts and stores one 330 KB image; medians of {len(pairs)} pairs.",
        [
            line("import of all functions", [(ours.imports, samples.imports) for ours, samples in pairs]),
            line("first image", [(ours.first_image, samples.first_image) for ours, samples in pairs]),
            line("both", [(_both(ours), _both(samples)) for ours, samples in pairs], target=True),
            line("peak memory", [(o.peak_bytes, s.peak_bytes) for o, s in pairs], as_bytes=True, target=True),
        ],
    )


def reading(files: Sequence[Fetched], time: ProcessorTime, fuzzed: Fuzzed) -> Section:
    worst = max(fuzzed.slowest, key=lambda family: fuzzed.slowest[family])
    share = time.header / time.extraction
    return Section(
        "Reading headers",
        f"What is fetched of a file of {amount(SIZE)} in each format, and processor time.",
        [
            *[
                Result(
                    what=f"{file.format}: fetched",
                    ours=f"{amount(file.bytes)} in {file.requests} request{'s' if file.requests != 1 else ''}",
                    target=f"≤ {amount(_MOST_BYTES)}, ≤ {_MOST_REQUESTS} requests",
                    reached=file.bytes <= _MOST_BYTES and file.requests <= _MOST_REQUESTS,
                )
                for file in files
            ],
            Result(
                what="JPEG of 330 KB: header's share of extraction's processor time",
                ours=f"{duration(time.header)} of {duration(time.extraction)}, {share:.1%}",
                target=f"≤ {_HEADER_SHARE:.0%}",
                reached=share <= _HEADER_SHARE,
            ),
            Result(
                what=f"slowest of {fuzzed.files:,} mutated files ({worst}): processor time",
                ours=f"{duration(fuzzed.slowest[worst])}; SHA-256 of 16 MiB takes {duration(fuzzed.reference)}",
            ),
        ],
    )


def _ours(ways: Sequence[Way]) -> list[Way]:
    return [way for way in ways if way is not SAMPLES]


def _largest(*profiles: Mapping[str, float]) -> list[str]:
    """The packages that take the most in one of the profiles, the greatest first."""
    most = {package: max(each.get(package, 0) for each in profiles) for profile in profiles for package in profile}
    return sorted(most, key=lambda package: -most[package])[:_PROFILE_LINES]


def _both(start: ColdStart) -> float:
    return start.imports + start.first_image


def _rate(comparison: Comparison, way: Way) -> Result:
    def rate(run: Run) -> float:
        return run.images_per_second

    ratios = comparison.ratios(way, rate)
    target = _RATES.get((comparison.workload.name, way.name))
    return Result(
        what=f"{comparison.workload.name}, {way.name}",
        samples=f"{comparison.median(SAMPLES, rate):.3g}",
        ours=f"{comparison.median(way, rate):.3g}",
        ratio=spread(ratios),
        target=f"≥ {target:g} times" if target else "",
        reached=median(ratios) >= target if target else None,
    )


def _costs(comparison: Comparison, way: Way) -> list[Result]:
    name = comparison.workload.name
    ours, samples = comparison.traffic[way.name], comparison.traffic[SAMPLES.name]
    share, share_target = ours.bytes / samples.bytes, _BYTES.get((name, way.name))
    requests_target = _REQUESTS.get(way.name)
    by_kind = ", ".join(f"{number:.2g} {kind}" for kind, number in sorted(ours.requests.items()))
    return [
        Result(
            what=f"{name}, {way.name}: bytes",
            samples=amount(samples.bytes),
            ours=amount(ours.bytes),
            ratio=f"{share:.2g}",
            target=f"≤ {share_target:g} of it" if share_target else "",
            reached=share <= share_target if share_target else None,
        ),
        Result(
            what=f"{name}, {way.name}: requests",
            samples=f"{samples.total_requests:.2f}",
            ours=f"{ours.total_requests:.2f} ({by_kind})",
            target=f"≤ {requests_target:g}" if requests_target else "",
            reached=ours.total_requests <= requests_target if requests_target else None,
        ),
        _process_cost(comparison, way, "processor time", duration, lambda run: run.processor_seconds),
        _process_cost(comparison, way, "peak memory", amount, lambda run: run.peak_bytes),
    ]


def _process_cost(
    comparison: Comparison, way: Way, what: str, show: Callable[[float], str], value: Callable[[Run], float]
) -> Result:
    return Result(
        what=f"{comparison.workload.name}, {way.name}: {what}",
        samples=show(comparison.median(SAMPLES, value)),
        ours=show(comparison.median(way, value)),
        ratio=spread(comparison.ratios(way, value)),
    )
