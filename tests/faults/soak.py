"""Random faults and kills under load, and a verdict: `python -m tests.faults.soak --minutes 20 --seed 1`.

Exit status 1 when a row is missing, double, mixed of two states, or unexpected.
"""

import argparse
import io
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from imagectl.local.azurite import running_azurite
from tests.faults import breaking
from tests.faults.world import World, running_world
from tests.support.intakes import Intake
from tests.support.proxy import Fault, Kind

UPLOADS_A_SECOND = 4
SETTLE_SECONDS = 420


@dataclass(frozen=True)
class State:
    """One state of one blob that was uploaded; ``width`` is None for what is no image."""

    name: str
    etag: str
    size: int
    width: int | None


@dataclass
class Load:
    """Uploads without pause: new names, overwrites, the same bytes again, and things that are not images."""

    world: World
    random: random.Random
    states: list[State] = field(default_factory=list)
    newest: dict[str, State] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.wait(self.random.expovariate(UPLOADS_A_SECOND)):
            self.upload()

    def upload(self) -> None:
        is_new = self.random.random() < 0.8 or not self.newest
        name = f"{len(self.states):06}-ü?sig=x.png" if is_new else self.random.choice(sorted(self.newest))
        content, width = self._content()
        answer = self.world.pipeline.container.get_blob_client(name).upload_blob(content, overwrite=True)
        state = State(name, answer["etag"].strip('"'), len(content), width)
        self.states.append(state)
        self.newest[name] = state

    def _content(self) -> tuple[bytes, int | None]:
        if self.random.random() < 0.1:
            return self.random.choice([b"", b"just some text\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIH"]), None
        width = self.random.randrange(1, 4000)
        file = io.BytesIO()
        Image.new("L", (width, self.random.randrange(1, 50))).save(file, "PNG")
        return file.getvalue() + self.random.randbytes(self.random.randrange(40_000)), width


def faults(world: World, chance: random.Random) -> list[Callable[[], None]]:
    """The faults, each with its repair."""

    def killed_now() -> None:
        world.pipeline.kill()
        world.pipeline.start()

    def killed_at_a_place() -> None:
        world.kill_at(chance.choice(breaking.PLACES))
        world.restart_when_killed()

    def storage() -> None:
        kind = chance.choice(list(Kind))
        world.proxy.inject(Fault(kind, chance.choice([b"GET ", b"HEAD "]), times=chance.randrange(1, 20), seconds=3))

    def table_missing() -> None:
        breaking.rename_table(world)
        time.sleep(chance.uniform(0, 8))
        breaking.rename_table_back(world)

    def database_locked() -> None:
        with breaking.locked(world):
            time.sleep(chance.uniform(0, 5))

    return [killed_now, killed_at_a_place, storage, table_missing, database_locked]


def verdict(world: World, load: Load) -> tuple[dict[str, int], dict[str, int]]:
    """Counts for the report, and those of them that must be 0."""
    rows, rejections = world.pipeline.rows(), world.pipeline.rejections()
    by_state = {(state.name, state.etag): state for state in load.states}
    found = Counter((row["file_name"], row["etag"]) for row in [*rows, *rejections])
    mixed = 0
    for row in [*rows, *rejections]:
        state = by_state.get((row["file_name"], row["etag"]))
        told = (row.get("width"), round(row["file_size_kb"] * 1024))
        mixed += state is not None and told != (state.width, state.size)
    counts = {"uploads": len(load.states), "blobs": len(load.newest), "rows": len(rows), "rejections": len(rejections)}
    wrong = {
        "duplicates": sum(count - 1 for count in found.values()),
        "missing": sum((state.name, state.etag) not in found for state in load.newest.values()),
        "mixed": mixed,
        "unexpected": len(found.keys() - by_state.keys()),
        "failed orchestrations": len(world.pipeline.instances("Failed")),
        "poison messages": len(world.pipeline.poison_messages()),
    }
    return counts, wrong


def settled(world: World, load: Load) -> bool:
    with suppress(Exception):
        _, wrong = verdict(world, load)
        return not wrong["missing"] and not world.pipeline.instances("Pending", "Running")
    return False


def soak(minutes: float, seed: int, console: Console, intake: Intake = Intake.POLLING) -> dict[str, int]:
    """Run and report; returns what must be 0."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    occurred: Counter[str] = Counter()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        azurite = stack.enter_context(running_azurite(folder / "azurite"))
        world = stack.enter_context(running_world(azurite, folder, seed, intake))
        load = Load(world, random.Random(seed))  # noqa: S311  # as above
        uploading = stack.enter_context(ThreadPoolExecutor(1)).submit(load.run)
        deadline = time.monotonic() + 60 * minutes
        try:
            while time.monotonic() < deadline:
                time.sleep(chance.uniform(0, 6))
                fault = chance.choice(faults(world, chance))
                fault()
                occurred[fault.__name__] += 1
        finally:
            load.stop.set()
        uploading.result()
        world.proxy.heal()
        deadline = time.monotonic() + SETTLE_SECONDS
        while not settled(world, load) and time.monotonic() < deadline:
            time.sleep(1)
        counts, wrong = verdict(world, load)
        _report(
            console,
            f"{minutes:g} minutes, seed {seed}, {intake}",
            {**counts, **dict(occurred), "proxy faults": world.proxy.hits},
            wrong,
        )
        if any(wrong.values()):
            kept = shutil.copy(world.pipeline.log, Path(tempfile.gettempdir()) / f"soak-{seed}.log")
            console.print(f"The log of the host is in {kept}.")
        return wrong


def _report(console: Console, title: str, counts: dict[str, int], wrong: dict[str, int]) -> None:
    table = Table("what", "count", "must be", title=title)
    for what, count in counts.items():
        table.add_row(what.replace("_", " "), str(count), "")
    for what, count in wrong.items():
        table.add_row(what, str(count), "0")
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--intake", type=Intake, choices=[Intake.POLLING, Intake.QUEUE], default=Intake.POLLING)
    arguments = parser.parse_args()
    wrong = soak(arguments.minutes, arguments.seed, Console(), arguments.intake)
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
