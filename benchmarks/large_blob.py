"""Memory of the host while a very large blob goes through the whole pipeline."""

import struct
import tempfile
import time
from pathlib import Path

from benchmarks.big_files import jpeg_file
from benchmarks.end_to_end import create_database
from benchmarks.host_process import running_host
from benchmarks.storage import BLOCK, Storage
from benchmarks.ways import Way

_WIDTH = 4096
_TIMEOUT_SECONDS = 120
_SETTLE_SECONDS = 2


def peak_above_idle(way: Way, storage: Storage, size: int) -> int:
    """Bytes by which the host's resident memory rises for a TIFF of about ``size`` bytes, after a first small image."""
    storage.empty()
    with tempfile.TemporaryDirectory() as folder:
        database = create_database(way, Path(folder))
        with running_host(way, storage.connection_string, database, Path(folder) / "host.log") as host:
            storage.put([("small.jpg", jpeg_file(100_000))], announce=way.takes_events)
            host.wait_until_stored(1, _TIMEOUT_SECONDS)
            time.sleep(_SETTLE_SECONDS)
            idle = host.resident_bytes()
            host.forget_peak()
            _put_tiff(storage, "large.tif", size // BLOCK)
            if way.takes_events:
                storage.announce("large.tif")
            host.wait_until_stored(2, _TIMEOUT_SECONDS)
            return host.peak_bytes() - idle


def _put_tiff(storage: Storage, name: str, blocks: int) -> None:
    """Zeros between the header and the directory at the end, as libtiff writes."""
    header, zeros = 8, blocks * BLOCK
    rows = zeros // _WIDTH // 16
    entries = {256: _WIDTH, 257: rows, 258: 8, 259: 1, 262: 1, 273: header, 277: 1, 278: rows, 279: rows * _WIDTH}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    tail = struct.pack("<H", len(entries)) + directory + bytes(4)
    storage.put_large(name, struct.pack("<2sHI", b"II", 42, header + zeros), blocks, tail)
