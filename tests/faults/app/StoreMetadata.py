"""The deployed store, with the places at which the fault matrix can kill the host."""

from image_metadata.activity import run
from image_metadata.model import Outcome, StoredRow
from image_metadata.payload import Payload, decode_outcome
from image_metadata.store_metadata import store
from tests.support.killing import reach


def main(outcome: dict) -> Payload:
    return run(store_and_reach, decode_outcome, outcome, retry_unexpected=False)


def store_and_reach(outcome: Outcome) -> StoredRow:
    reach("before the insert")
    row = store(outcome)
    reach("after the database's answer")
    return row
