"""What host.json says about the parts that the emulator has."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions_emulator.app.json_file import json_type, read_object
from functions_emulator.app.settings import resolve
from functions_emulator.errors import AppError

_FILE = "host.json"
_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,44}")
_TIME_SPAN = re.compile(r"(?:(\d{1,7})\.)?(\d{1,2}):([0-5]?\d):([0-5]?\d(?:\.\d{1,7})?)")
_UNLIMITED = "-1"


@dataclass(frozen=True)
class QueueConfig:
    """``extensions.queues``; times in seconds. ``encoded`` is whether messages are in base64.

    ``visibility_timeout`` is how long a message that failed stays hidden.
    """

    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    visibility_timeout: float
    max_polling_interval: float
    encoded: bool


@dataclass(frozen=True)
class HostConfig:
    """What host.json says, with the host's defaults. ``function_timeout`` is in seconds, None is no limit."""

    hub_name: str
    max_concurrent_activities: int
    max_concurrent_orchestrators: int
    blobs_in_parallel: int
    poison_blob_threshold: int
    function_timeout: float | None
    queues: QueueConfig


def read_host_json(root: Path, settings: Mapping[str, str]) -> HostConfig:
    """The app's HostConfig; raises AppError with every problem found."""
    path = root / _FILE
    if not path.exists():
        raise AppError(f"{path} does not exist; start the emulator in the folder that holds {_FILE}")
    reader = _Reader(read_object(path, _FILE), settings)
    reader.check_version()
    reader.check_unsupported()
    config = reader.config()
    if reader.problems:
        raise AppError(*(f"{_FILE}: {problem}" for problem in reader.problems))
    return config


class _Reader:
    def __init__(self, content: dict[str, Any], settings: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._content = content
        self._settings = settings

    def config(self) -> HostConfig:
        cores = os.cpu_count() or 1
        return HostConfig(
            hub_name=self._hub_name(),
            max_concurrent_activities=self._integer(
                "extensions.durableTask.maxConcurrentActivityFunctions", 10 * cores
            ),
            max_concurrent_orchestrators=self._integer(
                "extensions.durableTask.maxConcurrentOrchestratorFunctions", 10 * cores
            ),
            blobs_in_parallel=self._integer("extensions.blobs.maxDegreeOfParallelism", 8 * cores),
            poison_blob_threshold=self._integer("extensions.blobs.poisonBlobThreshold", 5),
            function_timeout=self._timeout(),
            queues=self._queues(),
        )

    def _queues(self) -> QueueConfig:
        section = "extensions.queues"
        batch_size = self._integer(f"{section}.batchSize", 16)
        encoding = str(self._value(f"{section}.messageEncoding") or "base64")
        if encoding.lower() not in {"base64", "none"}:
            self._wrong(f"{section}.messageEncoding", '"base64" or "none"', encoding)
        return QueueConfig(
            batch_size=batch_size,
            new_batch_threshold=self._integer(f"{section}.newBatchThreshold", max(batch_size // 2, 1)),
            max_dequeue_count=self._integer(f"{section}.maxDequeueCount", 5),
            visibility_timeout=self._seconds(f"{section}.visibilityTimeout", 0.0),
            max_polling_interval=self._seconds(f"{section}.maxPollingInterval", 60.0),
            encoded=encoding.lower() == "base64",
        )

    def check_version(self) -> None:
        version = self._content.get("version")
        if version is None:
            self.problems.append("The host.json file is missing the required 'version' property; write \"2.0\"")
        elif version != "2.0":
            self.problems.append(
                f"'{version}' is an invalid value for host.json 'version' property; write \"2.0\"",
            )

    def check_unsupported(self) -> None:
        """Refuse what changes the app's behavior under the host and would do nothing here."""
        durable = "extensions.durableTask"
        supported = {
            f"{durable}.storageProvider.type": "AzureStorage",
            f"{durable}.overridableExistingInstanceStates": "NonRunningStates",
        }
        for path, only in supported.items():
            value = self._value(path)
            if value is not None and str(value).lower() != only.lower():
                self.problems.append(
                    f'{path} "{value}" is not supported by this emulator; write "{only}" or leave it out'
                )
        for path in ("functions", "customHandler"):
            if self._value(path) is not None:
                self.problems.append(f"{path} is not supported by this emulator; leave it out")

    def _value(self, path: str) -> Any:
        """The value at a dotted path, ignoring the case of names; an app setting overrides the file."""
        names = path.split(".")
        override = self._settings.get("__".join(["AzureFunctionsJobHost", *names]))
        if override is not None:
            return override
        found: Any = self._content
        for depth, name in enumerate(names):
            if not isinstance(found, dict):
                self._wrong(".".join(names[:depth]), "an object", found)
                return None
            found = next((value for key, value in found.items() if key.lower() == name.lower()), None)
            if found is None:
                return None
        return found

    def _hub_name(self) -> str:
        path = "extensions.durableTask.hubName"
        value = self._value(path)
        if value is None:
            return "TestHubName"
        try:
            name = resolve(str(value), self._settings)
        except AppError as error:
            self.problems.append(f"{path}: {error}")
            return ""
        if not _HUB_NAME.fullmatch(name):
            self.problems.append(
                f'{path} "{name}" is not 3 to 45 letters and digits beginning with a letter; rename it'
            )
        return name

    def _integer(self, path: str, default: int) -> int:
        value = self._value(path)
        if value is None:
            return default
        # The host reads host.json as configuration, where "8" is a number too.
        text = str(value) if type(value) in (int, str) else ""
        if not re.fullmatch(r"[1-9]\d{0,5}", text):
            self._wrong(path, "a whole number from 1", value)
            return default
        return int(text)

    def _timeout(self) -> float | None:
        value = self._value("functionTimeout")
        if value is None:
            return 30 * 60.0
        if value == _UNLIMITED:
            return None
        seconds = _seconds_of(value)
        if not seconds:
            self._wrong("functionTimeout", '"hh:mm:ss" or "-1"', value)
        return seconds

    def _seconds(self, path: str, default: float) -> float:
        value = self._value(path)
        if value is None:
            return default
        seconds = _seconds_of(value)
        if seconds is None:
            self._wrong(path, '"hh:mm:ss"', value)
            return default
        return seconds

    def _wrong(self, path: str, expected: str, found: object) -> None:
        shown = found if isinstance(found, (str, int, float)) and not isinstance(found, bool) else json_type(found)
        self.problems.append(f"expected {expected} in {path}, found {shown}; correct it")


def _seconds_of(value: object) -> float | None:
    """A .NET time span in seconds; None when the value is not one."""
    match = _TIME_SPAN.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
