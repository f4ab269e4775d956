"""A fresh process: the import of all functions, the first image, and the memory after it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.big_files import jpeg_file
from benchmarks.end_to_end import create_database
from benchmarks.storage import Storage
from benchmarks.ways import SAMPLES, Way
from image_metadata.intake import CONTAINER
from image_metadata.model import Upload
from image_metadata.payload import encode
from imagectl.local.azurite import ACCOUNT
from imagectl.local.resources import sqlite_connection_string
from imagectl.repository import REPOSITORY

BLOB = "cold.jpg"


@dataclass(frozen=True)
class ColdStart:
    """Seconds for both parts, and the most resident memory in bytes."""

    imports: float
    first_image: float
    peak_bytes: int


def prepare(storage: Storage) -> None:
    """Upload the image that every process reads."""
    storage.put([(BLOB, jpeg_file(330_000))])


def measure(way: Way, storage: Storage) -> ColdStart:
    """Start a process for a way, which extracts and stores one image."""
    with tempfile.TemporaryDirectory() as folder:
        database = create_database(way, Path(folder))
        environment = {
            **way.settings,
            "ImageStorage": storage.connection_string,
            "SqlConnectionString": sqlite_connection_string(database),
        }
        command = [sys.executable, "-W", "ignore", str(REPOSITORY / "benchmarks" / "cold_start_child.py"), str(way.app)]
        answer = subprocess.run(  # noqa: S603  # our module
            [*command, json.dumps(_input(way))],
            check=True,
            stdout=subprocess.PIPE,
            # Without bytecode, the way with more source code of its own would start later.
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | environment,
            cwd=way.app,
        )
    found: Mapping[str, Any] = json.loads(answer.stdout)
    return ColdStart(**found)


def _input(way: Way) -> Any:
    """What the way's ExtractMetadata takes."""
    if way is SAMPLES:
        return f"{CONTAINER}/{BLOB}"
    return encode(Upload(ACCOUNT, CONTAINER, BLOB, "announced"))
