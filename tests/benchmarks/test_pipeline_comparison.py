"""The comparison with the samples' way is over equal things, and says what was missed."""

import pytest

from benchmarks import sections
from benchmarks.end_to_end import WORKLOADS, Run, Traffic
from benchmarks.pairs import Comparison
from benchmarks.ways import POLLING, QUEUE, SAMPLES, SAMPLES_APP
from functions_emulator.app.directory import load_app

SETTINGS = dict.fromkeys(("AzureWebJobsStorage", "ImageStorage"), "UseDevelopmentStorage=true")


def run(images_per_second):
    return Run(images_per_second=images_per_second, processor_seconds=0.04, peak_bytes=100 * 2**20)


@pytest.fixture
def comparison():
    moved = {SAMPLES.name: 660_000.0, QUEUE.name: 33_000.0}
    return Comparison(
        WORKLOADS[0],
        {SAMPLES.name: [run(20), run(10), run(40)], QUEUE.name: [run(20), run(20), run(48)]},
        {name: Traffic({"blob read": 1.0}, size) for name, size in moved.items()},
    )


def test_the_samples_are_an_app_of_the_same_four_functions():
    ours = {name for name in load_app(POLLING.app, SETTINGS | POLLING.settings).functions if "Queue" not in name}
    assert set(load_app(SAMPLES_APP, SETTINGS).functions) <= ours


def test_each_intake_runs_with_the_other_one_disabled():
    polling, queue = (load_app(way.app, {**way.settings, **SETTINGS}).functions for way in (POLLING, QUEUE))
    assert [polling[name].is_disabled for name in ("BlobTriggerClient", "QueueTriggerClient")] == [False, True]
    assert [queue[name].is_disabled for name in ("BlobTriggerClient", "QueueTriggerClient")] == [True, False]


def test_a_ratio_compares_the_runs_of_one_round(comparison):
    assert comparison.ratios(QUEUE, lambda run: run.images_per_second) == [1.0, 2.0, 1.2]


def test_a_median_below_its_target_is_missed_and_shows_its_spread(comparison):
    (line,) = sections.throughput([comparison], [SAMPLES, QUEUE]).results
    assert (line.ratio, line.target, line.reached) == ("1.20 (1.00 to 2.00)", "≥ 1.3 times", False)
    assert sections.missed_rate(comparison, QUEUE)


def test_bytes_are_a_share_of_those_of_the_samples(comparison):
    line = sections.costs([comparison], [SAMPLES, QUEUE]).results[0]
    assert (line.ratio, line.reached) == ("0.05", True)


def test_a_profile_shows_the_packages_that_cost_either_way_most(comparison):
    comparison.profiles = {SAMPLES.name: {"durabletask": 0.011, "PIL": 0.002}, QUEUE.name: {"durabletask": 0.012}}
    (section,) = sections.profiles([comparison])
    assert [(line.what, line.samples, line.ours) for line in section.results] == [
        ("durabletask", "11 ms", "12 ms"),
        ("PIL", "2 ms", "0 µs"),
    ]
