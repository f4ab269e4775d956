"""``imagectl show``: everything about one blob."""

import argparse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from azure.storage.blob import BlobProperties

from image_metadata import settings
from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.errors import BlobInaccessibleError
from image_metadata.instance_status import LIVE
from image_metadata.intake import CONTAINER
from image_metadata.model import Blob, FailureCode, Upload
from image_metadata.storage import blobs
from image_metadata.storage.errors import BlobDeletedError, storage_errors
from image_metadata.timestamps import utc_text
from imagectl.arguments import blob_name
from imagectl.errors import ExitStatus
from imagectl.output.columns import Column, Kind
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.pipeline.ages import age_text
from imagectl.pipeline.asking import ask
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, Instance, add_app_arguments, app_from
from imagectl.pipeline.poison_queue import PeekedPoison, peek_poison
from imagectl.pipeline.rows import states
from imagectl.uploading.tally import size_text

NOTES = (
    "Shown are its present state, the rows and rejections of all its states, its orchestrations with step, "
    "attempts and age, its poison messages, and the next move. Exit status 1 when action is required, 3 when a "
    "place could not be asked; the others are shown all the same."
)
EXAMPLES = """
imagectl show holiday/photo.jpg
imagectl show holiday/photo.jpg --output json
"""

_COLUMNS = (
    Column("what"),
    Column("when", Kind.MOMENT),
    Column("detail", Kind.SENTENCE),
    Column("upload_id", is_main=False),
)
_NO_ACTION = "nothing to do"
_WITHOUT_KEY = "upload it again without a customer-provided key"


@dataclass
class Seen:
    """What is known about a blob.

    Attributes:
        upload: its present state; None when it does not exist, or storage was not asked.
        properties: what storage says about it; None when it is encrypted with a customer-provided key.
        rows: of both tables, each with its table, the newest first.
        instances: orchestrations of its states, each with how often its step was tried.
        not_asked: why a place could not be asked.
    """

    name: str
    upload: Upload | None = None
    properties: BlobProperties | None = None
    rows: list[tuple[Table, dict[str, Any]]] = field(default_factory=list)
    instances: list[tuple[Instance, int]] = field(default_factory=list)
    poison: list[PeekedPoison] = field(default_factory=list)
    is_storage_asked: bool = False
    not_asked: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", type=_name, metavar="NAME", help=f"the blob's name in {CONTAINER}")
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options, app = output_options(arguments), app_from(arguments)
    seen = _look(app, arguments.name)
    advice = _advice(seen)
    with Records(_COLUMNS, options) as records:
        for record in _records(seen):
            records.write(record)
        records.write({"what": "next", "detail": advice})
    if seen.not_asked:
        return ExitStatus.UNREACHABLE
    return ExitStatus.DONE if advice.startswith(_NO_ACTION) else ExitStatus.ATTENTION


def _name(argument: str) -> str:
    return blob_name(argument.removeprefix(f"{CONTAINER}/"))


def _look(app: DurableApp, name: str) -> Seen:
    seen = Seen(name)
    blob_id = Blob(settings.image_storage().account, CONTAINER, name).id
    seen.is_storage_asked = ask(lambda: _blob(seen), seen.not_asked)
    if seen.is_storage_asked:
        ask(lambda: _poison(seen), seen.not_asked)
    ask(lambda: _rows(seen, blob_id), seen.not_asked)
    ask(lambda: _orchestrations(seen, app), seen.not_asked)
    return seen


def _blob(seen: Seen) -> None:
    # Without retries: most often nothing is running.
    seen.upload = blobs.current_upload(CONTAINER, seen.name, retry_total=0)
    if seen.upload is None:
        return
    client = blobs.service().get_blob_client(CONTAINER, seen.name)
    # A blob with a customer-provided key does not tell its properties.
    with suppress(BlobDeletedError, BlobInaccessibleError), storage_errors(client):
        seen.properties = client.get_blob_properties()


def _poison(seen: Seen) -> None:
    seen.poison = [message for message in peek_poison() if message.name == seen.name]


def _rows(seen: Seen, blob_id: str) -> None:
    rows = [(table, row) for table in (IMAGE_METADATA, IMAGE_REJECTIONS) for row in states(table, blob_id)]
    seen.rows = sorted(rows, key=lambda row: str(row[1]["stored_at"]), reverse=True)


def _orchestrations(seen: Seen, app: DurableApp) -> None:
    ids = dict.fromkeys([*([seen.upload.id] if seen.upload else []), *(row["upload_id"] for _, row in seen.rows)])
    for instance in filter(None, map(app.find, ids)):
        seen.instances.append((instance, app.attempts(instance.id, instance.step) if instance.step else 0))


def _records(seen: Seen) -> Iterator[dict[str, Any]]:
    if seen.is_storage_asked:
        yield {"what": "blob"} | _of_blob(seen.upload, seen.properties)
    for table, row in seen.rows:
        what, detail = _of_row(table, row)
        yield {"what": what, "when": row["stored_at"], "detail": detail, "upload_id": row["upload_id"]}
    for instance, attempts in seen.instances:
        detail = _of_instance(instance, attempts)
        yield {"what": "orchestration", "when": instance.created, "detail": detail, "upload_id": instance.id}
    for message in seen.poison:
        when = utc_text(message.inserted_on) if message.inserted_on else None
        yield {
            "what": "poison message",
            "when": when,
            "detail": f"the trigger failed {message.deliveries} times on its event",
        }
    yield from ({"what": "not asked", "detail": sentence} for sentence in seen.not_asked)


def _of_blob(upload: Upload | None, properties: BlobProperties | None) -> dict[str, Any]:
    if upload is None:
        return {"detail": "does not exist"}
    if properties is None:
        return {"detail": "encrypted with a customer-provided key", "upload_id": upload.id}
    kind, size = properties.content_settings.content_type, size_text(properties.size)
    detail = f"{size}, {kind or 'no content type'}, {properties.blob_tier or 'no'} tier"
    return {"when": utc_text(properties.last_modified), "detail": detail, "upload_id": upload.id}


def _of_row(table: Table, row: dict[str, Any]) -> tuple[str, str]:
    if table is IMAGE_METADATA:
        return "row", f"{row['format']} {row['width']} x {row['height']}, {size_text(row['file_size_kb'] * 1024)}"
    return "rejection", f"{row['reason']}: {row['detail']}"


def _of_instance(instance: Instance, attempts: int) -> str:
    age = age_text(datetime.now(UTC) - instance.created_at)
    tried = f"{attempts} attempt{'' if attempts == 1 else 's'} of {instance.step}" if instance.step else "not begun"
    code = f" ({instance.code})" if instance.status in UNSUCCESSFUL else ""
    reason = str(instance.output or "").partition("failed: ")[2] if code else ""
    return f"{instance.status}{code}, {tried}, started {age} ago{'; ' if reason else ''}{reason}"


def _advice(seen: Seen) -> str:
    return next(sentence for applies, sentence in _possible_advice(seen) if applies)


def _possible_advice(seen: Seen) -> Iterator[tuple[bool, str]]:
    """Sentences, each with whether it applies when none before it did."""
    again = "run imagectl show again when storage, database and app can be asked"
    yield not seen.is_storage_asked, again
    if seen.upload is None:
        yield bool(seen.not_asked), again
        yield not seen.rows, "check the name: there is no such blob, and no row of one"
        yield True, f"{_NO_ACTION}: the blob was deleted, and the rows tell what it was"
        return
    upload_id = seen.upload.id
    current = next((instance for instance, _ in seen.instances if instance.id == upload_id), None)
    has_row = any(row["upload_id"] == upload_id for _, row in seen.rows)
    yield has_row, f"{_NO_ACTION}: the present state has its row"
    yield seen.properties is None, _WITHOUT_KEY
    archived = seen.properties is not None and seen.properties.blob_tier == "Archive"
    yield archived, "move the blob out of the archive tier, then imagectl retry or imagectl backfill"
    yield bool(seen.not_asked), again
    if current is not None:
        yield current.status in LIVE, f"{_NO_ACTION}: it is under way, and retried by itself"
        inaccessible = current.code == FailureCode.INACCESSIBLE
        yield inaccessible, f"{_WITHOUT_KEY}, or imagectl retry once it can be read"
        yield current.status in UNSUCCESSFUL, "imagectl retry"
    yield bool(seen.poison), "imagectl retry"
    yield True, f"imagectl backfill --prefix '{seen.name}'"
