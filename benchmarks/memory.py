"""Peak memory above idle while a very large blob is read, each way in a process of its own."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.big_files import tiff_file
from benchmarks.results import Result, amount
from benchmarks.storage import BLOCK, Store
from image_metadata.settings import IMAGE_STORAGE

_MOST = 8 * 1024 * 1024
_SMALL = 10_000
_WIDTH = 4096


def measure(store: Store, size: int) -> Iterator[Result]:
    """A TIFF of about ``size`` bytes whose directory stands at its end. Linux alone tells a process's peak."""
    if not Path("/proc/self/clear_refs").exists():
        return
    _put_large_tiff(store, "large.tif", size // BLOCK)
    store.put("small.tif", tiff_file(_SMALL))
    usual = _peak_above_idle(store, "usual", "large.tif")
    ours = _peak_above_idle(store, "ours", "large.tif")
    small = _peak_above_idle(store, "ours", "small.tif")
    yield Result(
        what=f"{amount(size)} TIFF: peak memory above idle",
        usual=amount(usual),
        ours=f"{amount(ours)} (for 10 KB: {amount(small)})",
        ratio=ours / usual,
        target=f"≤ {amount(_MOST)}",
        reached=ours <= _MOST,
    )


def _put_large_tiff(store: Store, name: str, blocks: int) -> None:
    """Zeros between the header and the directory; a part is the picture's, so that Pillow takes it for no bomb."""
    header, zeros = 8, blocks * BLOCK
    rows = zeros // _WIDTH // 16
    entries = {256: _WIDTH, 257: rows, 258: 8, 259: 1, 262: 1, 273: header, 277: 1, 278: rows, 279: rows * _WIDTH}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    tail = struct.pack("<H", len(entries)) + directory + bytes(4)
    store.put_large(name, struct.pack("<2sHI", b"II", 42, header + zeros), blocks, tail)


def _peak_above_idle(store: Store, way: str, name: str) -> int:
    """Bytes by which the resident memory of a fresh process rises over what it has once its modules are there."""
    command = [sys.executable, "-m", "benchmarks.memory_child", way, name]
    environment = os.environ | {IMAGE_STORAGE: store.connection_string}
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)  # noqa: S603  # our module
    found = json.loads(answer.stdout)
    return int(found["peak"] - found["idle"])
