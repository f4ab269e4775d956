"""The process whose memory is measured: it knows the one way and nothing of the benchmark's files."""

import json
import os
import re
import sys
from pathlib import Path

from benchmarks.product import extracted
from benchmarks.storage import CONTAINER
from benchmarks.usual_way import usual_way
from image_metadata.settings import IMAGE_STORAGE


def main(way: str, name: str) -> None:
    """Print resident bytes before, and the most since then, as JSON."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # proc(5): resets the peak
    idle = _resident("VmRSS")
    if way == "usual":
        usual_way(os.environ[IMAGE_STORAGE], CONTAINER, name)
    else:
        extracted(name)
    sys.stdout.write(json.dumps({"idle": idle, "peak": _resident("VmHWM")}))


def _resident(field: str) -> int:
    status = Path("/proc/self/status").read_text("ascii", "replace")
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"expected {field} in /proc/self/status, found none; this needs Linux 4.0 or newer")
    return int(found[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
