"""The deployed store, with the places at which the fault matrix can kill the host."""

from image_metadata.model import Payload, outcome_from_dict
from image_metadata.store_metadata import store
from tests.support.killing import reach


def main(outcome: dict) -> Payload:
    reach("before the insert")
    result = store(outcome_from_dict(outcome))
    reach("after the database's answer")
    return result
