"""Follow uploads until each has a row, a rejection, or was superseded."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.model import Upload
from image_metadata.storage import blobs
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApiError, DurableApp
from imagectl.pipeline.rows import LOOK_UP, table_of

_WORDS = {IMAGE_METADATA.name: "stored", IMAGE_REJECTIONS.name: "rejected"}
SUPERSEDED, UNSUCCESSFUL_WORD = "superseded or deleted", "failed"

_POLL_SECONDS = 0.5
# Most uploads have their row within seconds, so what takes longer is asked about, a few at a time.
_ASK_AFTER_SECONDS = 5.0
_ASKED_AT_ONCE = 20


def follow(
    uploads: Iterable[Upload], app: DurableApp, seconds: float, progress: Callable[[Counter[str]], None]
) -> tuple[Counter[str], list[Upload]]:
    """Wait for ``seconds`` at most; returns how many ended how, and the uploads that failed or are not done.

    Raises:
        TransientDatabaseError, TransientStorageError: the database or storage did not answer.
    """
    waiting = {upload.id: upload for upload in uploads}
    ended, failed = Counter[str](), list[Upload]()
    started = time.monotonic()
    while waiting:
        for ids in _batches(list(waiting)):
            for upload_id, table in table_of(ids).items():
                ended[_WORDS[table]] += 1
                del waiting[upload_id]
        if time.monotonic() - started > _ASK_AFTER_SECONDS:
            _ask(waiting, ended, failed, app)
        progress(ended)
        if not waiting or time.monotonic() - started > seconds:
            break
        time.sleep(_POLL_SECONDS)
    return ended, [*failed, *waiting.values()]


def _ask(waiting: dict[str, Upload], ended: Counter[str], failed: list[Upload], app: DurableApp) -> None:
    """Ask storage and the app about a few; those that are still under way go to the end of the queue."""
    for upload in list(islice(waiting.values(), _ASKED_AT_ONCE)):
        del waiting[upload.id]
        if blobs.current_upload(upload.container, upload.name) != upload:
            ended[SUPERSEDED] += 1
        elif _has_failed(upload, app):
            ended[UNSUCCESSFUL_WORD] += 1
            failed.append(upload)
        else:
            waiting[upload.id] = upload


def _has_failed(upload: Upload, app: DurableApp) -> bool:
    try:
        instance = app.find(upload.id)
    except DurableApiError:
        # The rows say the same; the app may not be reachable from here.
        return False
    return instance is not None and instance.status in UNSUCCESSFUL


def _batches(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + LOOK_UP] for start in range(0, len(ids), LOOK_UP))
