"""Processor time is added to the package that a thread works for."""

import gc
import inspect
import sys
import sysconfig
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.profiled_host import Profiler, package_of
from imagectl.repository import REPOSITORY

LIBRARIES, STANDARD_LIBRARY = (Path(sysconfig.get_path(name)) for name in ("purelib", "stdlib"))


def stack(*files):
    """Frames from the outermost to the innermost; returns the innermost."""
    frame = None
    for file in files:
        frame = SimpleNamespace(f_code=SimpleNamespace(co_filename=str(file), co_qualname="call"), f_back=frame)
    return frame


@pytest.mark.parametrize(
    ("file", "package"),
    [
        (LIBRARIES / "azure" / "storage" / "blob" / "_download.py", "azure.storage.blob"),
        (LIBRARIES / "azure" / "core" / "pipeline" / "_base.py", "azure.core"),
        (LIBRARIES / "typing_extensions.py", "typing_extensions"),
        (REPOSITORY / "image_metadata" / "headers" / "jpeg.py", "image_metadata.headers"),
        (REPOSITORY / "functions_emulator" / "host.py", "functions_emulator"),
        (STANDARD_LIBRARY / "json" / "decoder.py", "asyncio and other modules of Python"),
    ],
)
def test_a_file_belongs_to_a_package(file, package):
    assert package_of(stack(file)) == package


def test_the_standard_library_works_for_its_caller():
    caller, called = REPOSITORY / "image_metadata" / "payload.py", STANDARD_LIBRARY / "json" / "decoder.py"
    assert package_of(stack(caller, called)) == "image_metadata.payload"


def test_what_an_import_runs_is_apart():
    assert package_of(stack("<frozen importlib._bootstrap>", REPOSITORY / "image_metadata" / "model.py")) == "imports"


@pytest.fixture
def frequent_collections():
    """Collects garbage at every chance; yields the threads that did so while they looked at frames."""
    looking: list[int] = []

    def note(_phase: str, _info: object) -> None:
        frame = inspect.currentframe()
        while frame := frame and frame.f_back:
            if frame.f_code is Profiler._look_at_all.__code__:  # noqa: SLF001  # nothing public says that it looks
                looking.append(threading.get_ident())

    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.callbacks.append(note)
    gc.set_threshold(1)
    yield looking
    gc.set_threshold(*thresholds)
    gc.callbacks.remove(note)
    sys.setswitchinterval(interval)


def test_no_garbage_is_collected_while_frames_are_looked_at(frequent_collections: list[int]):
    profiler = Profiler()
    profiler.start()
    deadline = time.monotonic() + 60
    while not profiler.packages and time.monotonic() < deadline:
        sum(range(10_000))
    profiler.stop()
    assert profiler.packages
    assert frequent_collections == []
    assert gc.isenabled()
