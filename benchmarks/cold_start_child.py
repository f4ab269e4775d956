"""The process that `cold_start` measures: it loads one app and nothing of the benchmark."""

import importlib
import json
import re
import sys
import time
from pathlib import Path


def main(app: str, text: str) -> None:
    """Import every function of the app, run both activities, and print the seconds and bytes as JSON."""
    sys.path[0] = app
    started = time.perf_counter()
    functions = sorted(file.parent.name for file in Path(app).glob("*/function.json"))
    modules = {name: importlib.import_module(name) for name in functions}
    imported = time.perf_counter()
    modules["StoreMetadata"].main(modules["ExtractMetadata"].main(json.loads(text)))
    done = time.perf_counter()
    # Not getrusage: its peak begins with that of the parent, before this program was loaded.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii", "replace"))
    peak_bytes = int(peak[1]) * 1024 if peak else 0
    sys.stdout.write(
        json.dumps({"imports": imported - started, "first_image": done - imported, "peak_bytes": peak_bytes})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
