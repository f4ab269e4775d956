"""Every value is stored unchanged where its column can hold it, and no value keeps a row from being stored."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from image_metadata.database.connections import Connections
from image_metadata.database.tables import IMAGE_METADATA
from image_metadata.headers import EXTRACTOR_VERSION
from image_metadata.store_metadata import store
from tests.image_metadata.database.outcomes import facts, metadata, rejection, upload
from tests.support.databases import Database

HOSTILE_NAMES = [
    "'); DROP TABLE ImageMetadata; --.png",
    'a"b`c[d]e{f}?.png',
    "100% #1 + a?sig=b&Password=c;.png",
    "\u202etab\there\r\n.png",
    "😀" * 1_024,
    "x" * 1_024,
    "日本/Ünïcödé é.png",
]


def test_every_column_holds_its_value(database: Database, connections: Connections):
    outcome = metadata(
        blob=facts(
            content_type="image/jpeg",
            content_md5="1B2M2Y8AsgTpgAmY7PhCfg==",
            read_at="2026-11-22T06:28:52.345",
            metadata='{"customer":"4711"}',
            metadata_omitted=1,
        ),
        orientation=6,
        color_mode="RGB",
        bit_depth=8,
        has_alpha=False,
        frame_count=1,
        taken_at="2026-05-01T12:34:56.789",
        taken_at_offset="+02:00",
        camera_make="Make",
        camera_model="Model",
        lens_model="Lens",
        latitude=-33.5,
        longitude=151.25,
    )
    store(outcome, connections)
    columns = ", ".join(column.name for column in IMAGE_METADATA.written)
    assert database.query(f"SELECT {columns} FROM ImageMetadata") == [  # noqa: S608  # a constant
        (
            *("2026/a b.jpg", 120.5625, 640, 480, "JPEG", upload().id, upload().blob_id),
            *("account", "image-input", "0x8DB", "1B2M2Y8AsgTpgAmY7PhCfg==", datetime(2026, 11, 22, 6, 28, 51)),  # noqa: DTZ001  # the column has no zone
            *("image/jpeg", None, 6, 480, 640, "RGB", 8, False, 1),
            *(datetime(2026, 5, 1, 12, 34, 56, 789_000), "+02:00"),  # noqa: DTZ001  # the column has no zone
            *("Make", "Model", "Lens", -33.5, 151.25),
            *(EXTRACTOR_VERSION, datetime(2026, 11, 22, 6, 28, 52, 345_000)),  # noqa: DTZ001  # the column has no zone
            *('{"customer":"4711"}', 1),
        )
    ]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_name_is_stored_as_it_is(database: Database, connections: Connections, name: str):
    store(metadata(upload(name)), connections)
    store(rejection(upload(name, etag="0x2")), connections)
    for table in ("ImageMetadata", "ImageRejections"):
        assert database.query(f"SELECT file_name FROM {table}") == [(name,)]  # noqa: S608  # two constants


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_becomes_null(database: Database, connections: Connections, number: float):
    store(metadata(latitude=number), connections)
    assert database.query("SELECT latitude FROM ImageMetadata") == [(None,)]


def test_an_integer_beyond_32_bits_becomes_null(database: Database, connections: Connections):
    store(metadata(frame_count=2**31, bit_depth=2**31 - 1), connections)
    assert database.query("SELECT frame_count, bit_depth FROM ImageMetadata") == [(None, 2**31 - 1)]


def test_text_is_cut_to_what_its_column_holds_between_two_characters(database: Database, connections: Connections):
    store(rejection(detail="a" + "😀" * 1_000), connections)
    assert database.query("SELECT detail FROM ImageRejections") == [("a" + "😀" * 499,)]


def test_characters_that_no_database_takes_are_replaced(database: Database, connections: Connections):
    store(metadata(camera_make="a\0b", camera_model="c\ud800d"), connections)
    assert database.query("SELECT camera_make, camera_model FROM ImageMetadata") == [("a\ufffdb", "c?d")]


def test_stored_at_is_the_time_of_the_databases_clock_in_utc(database: Database, connections: Connections):
    store(metadata(), connections)
    ((stored_at,),) = database.query("SELECT stored_at FROM ImageMetadata")
    assert abs(stored_at - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)
