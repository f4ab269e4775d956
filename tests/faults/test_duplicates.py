"""One upload, however often it is announced and by however many hosts: one row."""

import asyncio
import json
from pathlib import Path

import pytest

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.durable_sdk import durable_client
from image_metadata.storage import blobs
from imagectl.local.azurite import Azurite
from tests.faults.world import World
from tests.support.images import image
from tests.support.pipeline import Pipeline, wait_until

NAME = "a?sig=b 😀.png"


@pytest.fixture
def app_settings(world: World, monkeypatch: pytest.MonkeyPatch):
    """The settings of a worker of the app, for this process."""
    monkeypatch.setenv("ImageStorage", world.pipeline.azurite.connection_string)
    blobs.service.cache_clear()
    yield
    blobs.service.cache_clear()


def starter_of(pipeline: Pipeline) -> str:
    """What the binding of a durable client delivers in this app."""
    base = f"http://127.0.0.1:{pipeline.port}/durabletask/"
    urls = {"id": "INSTANCEID", "statusQueryGetUri": f"{base}instances/INSTANCEID"}
    binding = {"taskHubName": "ImageMetadata", "creationUrls": {}, "managementUrls": urls, "rpcBaseUrl": base}
    return json.dumps(binding)


async def announce_often(world: World, times: int) -> None:
    async def deliver() -> None:
        async with durable_client(starter_of(world.pipeline), "invocation") as client:
            await announce_blob(f"image-input/{NAME}", client, "invocation")

    await asyncio.gather(*(deliver() for _ in range(times)))


def reads(world: World) -> int:
    return world.pipeline.log_text().count("Executed 'Functions.ExtractMetadata' (Succeeded")


async def announce_at_once_and_later(world: World) -> int:
    """On one event loop, as in the worker. Returns the number of reads before the later ones."""
    await announce_often(world, 50)
    await asyncio.to_thread(world.pipeline.wait_for, rows=1)
    await asyncio.to_thread(world.settle)
    before = reads(world)
    await announce_often(world, 50)
    return before


@pytest.mark.usefixtures("app_settings")
def test_fifty_events_at_once_and_fifty_later_leave_one_row(world: World):
    world.pipeline.container.upload_blob(NAME, image())
    before = asyncio.run(announce_at_once_and_later(world))
    world.settle()
    assert len(world.pipeline.rows()) == 1
    # An event of a finished upload starts it again; while that is active the others are refused.
    assert before < reads(world) <= before + 50


def test_two_hosts_on_one_container_leave_one_row_per_upload(world: World, tmp_path: Path):
    first = world.pipeline
    second = Pipeline(first.azurite, first.sql, tmp_path / "second.log")
    second.start()
    try:
        for number in range(10):
            first.container.upload_blob(f"{number}.png", image())
        first.wait_for(rows=10)
        for host in (first, second):
            wait_until(lambda host=host: len(host.instances("Completed")) == 10, "both hosts saw all", host)
        assert len(first.rows()) == 10
    finally:
        second.kill()


def test_every_delivery_and_every_activity_twice_leaves_one_row(azurite: Azurite, world: World, tmp_path: Path):
    world.pipeline.kill()
    twice = Pipeline(azurite, world.pipeline.sql, tmp_path / "twice.log", options=("--twice",))
    twice.start()
    try:
        for number in range(5):
            twice.container.upload_blob(f"{number}.png", image())
        twice.container.upload_blob("notes.txt", b"just some text\n")
        twice.wait_for(rows=5, rejections=1)
        wait_until(lambda: len(twice.instances("Completed")) == 6, "all ended", twice)
        assert (len(twice.rows()), len(twice.rejections())) == (5, 1)
    finally:
        twice.kill()
