"""An upload leaves exactly one row in the two tables together, however often and from wherever it is stored."""

import logging
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from image_metadata.database.connections import Connections
from image_metadata.model import Deleted, ImageMetadata, Inaccessible, Rejection, RejectionReason, StoredRow
from image_metadata.store_metadata import store
from tests.image_metadata.database.outcomes import INSTANCE, facts, metadata, rejection, store_all, upload
from tests.support.databases import Database


def test_metadata_becomes_a_row(database: Database, connections: Connections):
    assert store(metadata(), connections) == StoredRow(kind="metadata", upload_id=upload().id)
    assert database.rows() == [("ImageMetadata", upload().id)]


def test_a_rejection_becomes_a_row_with_its_reason(database: Database, connections: Connections):
    stored = store(rejection(), connections)
    assert stored == StoredRow(kind="rejection", upload_id=upload().id, reason=RejectionReason.UNSUPPORTED_FORMAT)
    assert database.query("SELECT upload_id, reason, detail FROM ImageRejections") == [
        (upload().id, "unsupported_format", rejection().detail)
    ]


@pytest.mark.parametrize("outcome", [metadata(), rejection()], ids=["metadata", "rejection"])
def test_the_same_outcome_stored_twice_leaves_one_row(database: Database, connections: Connections, outcome):
    assert store(outcome, connections) == store(outcome, connections)
    assert len(database.rows()) == 1


@pytest.mark.parametrize("outcome", [metadata(), rejection()], ids=["metadata", "rejection"])
def test_sixteen_threads_at_once_leave_one_row(database: Database, connections: Connections, outcome):
    with ThreadPoolExecutor(16) as threads:
        results = list(threads.map(lambda _: store(outcome, connections), range(64)))
    assert results == [results[0]] * 64
    assert len(database.rows()) == 1


def test_metadata_and_a_rejection_stored_at_the_same_moment_leave_one_row(database: Database, connections: Connections):
    uploads = [upload(f"{number}.jpg") for number in range(150)]
    together = threading.Barrier(2, timeout=60)

    def store_each(outcome: Callable[..., ImageMetadata | Rejection]) -> list[StoredRow]:
        stored = []
        for of in uploads:
            together.wait()
            stored.append(store(outcome(of), connections))
        return stored

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(store_each, (metadata, rejection)))
    assert results[0] == results[1]
    assert sorted(key for _, key in database.rows()) == sorted(of.id for of in uploads)


def test_four_processes_at_once_leave_one_row_per_upload(database: Database):
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert list(processes.map(store_all, [database.settings] * 4, [25] * 4)) == [25] * 4
    assert database.rows() == sorted(("ImageMetadata", upload(f"{number}.jpg").id) for number in range(25))


def test_a_row_with_a_reason_of_a_newer_release_is_the_row_of_its_upload(database: Database, connections: Connections):
    store(rejection(), connections)
    database.query("UPDATE ImageRejections SET reason = 'reason_of_tomorrow'")
    assert store(rejection(), connections) == StoredRow(kind="rejection", upload_id=upload().id)


def test_an_upload_has_a_row_in_one_of_the_tables_only(database: Database, connections: Connections):
    first, second = upload(etag="0x1"), upload(etag="0x2")
    for outcome in (metadata(first), rejection(first), rejection(second), metadata(second)):
        store(outcome, connections)
    assert database.rows() == [("ImageMetadata", first.id), ("ImageRejections", second.id)]


def test_an_overwritten_blob_has_a_row_per_state_and_the_view_shows_the_newest(
    database: Database, connections: Connections
):
    older = metadata(upload(etag="0x1"), facts("2026-11-22T06:28:51.000"), width=1)
    newer = metadata(upload(etag="0x2"), facts("2026-11-22T06:28:52.000"), width=2)
    for outcome in (newer, older):
        store(outcome, connections)
    assert len(database.rows()) == 2
    assert database.query("SELECT width FROM CurrentImages") == [(2,)]


def test_read_at_orders_the_states_of_one_second(database: Database, connections: Connections):
    second = "2026-11-22T06:28:51.000"
    states = [
        metadata(upload(etag=f"0x{etag}"), facts(second, read_at=f"2026-11-22T06:28:51.{milliseconds}"), width=width)
        for etag, milliseconds, width in (("9", "300", 1), ("1", "900", 3), ("5", "600", 2))
    ]
    for state in states:
        store(state, connections)
    assert database.query("SELECT width FROM CurrentImages") == [(3,)]


def test_a_row_without_read_at_is_the_older_one_of_its_second(database: Database, connections: Connections):
    for etag, read_at, width in (("0x1", "2026-11-22T06:28:51.300", 2), ("0x2", None, 1)):
        store(metadata(upload(etag=etag), facts("2026-11-22T06:28:51.000", read_at=read_at), width=width), connections)
    assert database.query("SELECT width FROM CurrentImages") == [(2,)]


def test_two_states_that_no_time_tells_apart_are_not_both_shown(database: Database, connections: Connections):
    for etag in ("0x1", "0x2", "0x3"):
        store(metadata(upload(etag=etag)), connections)
    assert len(database.query("SELECT width FROM CurrentImages")) == 1


def test_an_image_overwritten_by_what_is_no_image_leaves_the_view(database: Database, connections: Connections):
    store(metadata(upload(etag="0x1"), facts("2026-11-22T06:28:51.000")), connections)
    store(rejection(upload(etag="0x2"), blob=facts("2026-11-22T06:28:52.000")), connections)
    assert database.query("SELECT file_name FROM CurrentImages") == []
    assert database.query("SELECT reason FROM CurrentRejections") == [("unsupported_format",)]


def test_names_that_differ_in_case_only_are_two_blobs_in_the_view(database: Database, connections: Connections):
    for name in ("a.jpg", "A.JPG"):
        store(metadata(upload(name)), connections)
    assert sorted(database.query("SELECT file_name FROM CurrentImages")) == [("A.JPG",), ("a.jpg",)]


def test_a_deleted_blob_leaves_no_row(database: Database, connections: Connections):
    deleted = Deleted(instance_id=INSTANCE, upload=upload())
    assert store(deleted, connections) == StoredRow(kind="deleted", upload_id=upload().id)
    assert database.rows() == []


def test_an_inaccessible_blob_cannot_be_stored(connections: Connections):
    archived = Inaccessible(instance_id=INSTANCE, upload=upload(), detail="it is archived")
    with pytest.raises(
        ValueError, match=r"expected metadata or a rejection of image-input/2026/a b\.jpg, found Inaccessible"
    ):
        store(archived, connections)


def test_the_log_line_of_a_row_names_instance_blob_kind_and_upload(connections: Connections, caplog):
    caplog.set_level(logging.INFO)
    store(metadata(upload("a\nb?sig=c.jpg")), connections)
    (line,) = caplog.messages
    for word in (INSTANCE, "image-input/a%0Ab?sig%3Dc.jpg", "metadata", upload("a\nb?sig=c.jpg").id):
        assert word in line
