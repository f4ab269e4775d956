"""What an activity raises is retried by the host; what it returns as a failure is not."""

import importlib
import logging
from typing import Any

import pytest

from image_metadata.activity import run
from image_metadata.errors import SettingError, TransientDatabaseError, TransientStorageError
from image_metadata.model import Deleted, Upload
from image_metadata.payload import decode_upload, encode

UPLOAD = Upload("pictures", "image-input", "a.png", "0x1")


def extraction(upload: Upload) -> Deleted:
    return Deleted(instance_id=upload.id, upload=upload)


def failing(error: Exception):
    def work(_: Upload) -> Any:
        raise error

    return work


def test_the_result_is_returned_as_its_payload():
    result = run(extraction, decode_upload, encode(UPLOAD), retry_unexpected=True)
    assert result == encode(extraction(UPLOAD))


@pytest.mark.parametrize("error", [TransientStorageError("x"), TransientDatabaseError("x"), SettingError("x")])
@pytest.mark.parametrize("retry_unexpected", [True, False])
def test_transient_errors_and_setting_errors_are_raised(error: Exception, retry_unexpected: bool):
    with pytest.raises(type(error)):
        run(failing(error), decode_upload, encode(UPLOAD), retry_unexpected=retry_unexpected)


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), AttributeError("x")])
def test_an_unexpected_error_is_raised_where_a_retry_may_help(error: Exception, caplog: pytest.LogCaptureFixture):
    with pytest.raises(type(error)):
        run(failing(error), decode_upload, encode(UPLOAD), retry_unexpected=True)
    assert caplog.records[-1].exc_info


def test_an_unexpected_error_is_returned_where_a_retry_cannot_help(caplog: pytest.LogCaptureFixture):
    result = run(failing(KeyError("secret")), decode_upload, encode(UPLOAD), retry_unexpected=False)
    assert (result["kind"], result["code"]) == ("failure", "internal_error")
    assert "secret" not in result["detail"]
    assert caplog.records[-1].exc_info


@pytest.mark.parametrize("function", ["ExtractMetadata", "StoreMetadata"])
@pytest.mark.parametrize("payload", [None, "text", [], {"name": "a.png"}], ids=repr)
def test_a_payload_that_cannot_be_decoded_is_returned_as_a_failure(
    function: str, payload: Any, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.ERROR):
        result = importlib.import_module(function).main(payload)
    assert (result["kind"], result["code"]) == ("failure", "invalid_payload")
    assert caplog.records[-1].levelno == logging.ERROR
