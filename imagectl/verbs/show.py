"""``imagectl show``: everything about one blob."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobProperties

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.instance_status import LIVE
from image_metadata.intake import CONTAINER
from image_metadata.model import FailureCode, Upload
from image_metadata.timestamps import utc_text
from imagectl.errors import ExitStatus, UnreachableError
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.records import Column, Records
from imagectl.pipeline.ages import age_text
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, Instance, add_app_arguments, app_from
from imagectl.pipeline.inventory import Images, images, transient_storage_error
from imagectl.pipeline.poison_queue import PeekedPoison, peek_poison
from imagectl.pipeline.rows import states
from imagectl.uploading.tally import size_text

HELP = (
    "show everything about one blob: its present state, the rows and rejections of all its states, its orchestration "
    "with step, attempts and age, its poison messages, and what to do next. Exit status 1 when something is to do"
)
EXAMPLES = """
imagectl show holiday/photo.jpg
imagectl show holiday/photo.jpg --output json
"""

_COLUMNS = (Column("what"), Column("when"), Column("detail"), Column("upload_id", is_main=False))
_NO_ACTION = "nothing to do"


@dataclass
class Seen:
    """What is known about a blob.

    Attributes:
        upload: its present state; None when it does not exist.
        rows: of both tables, each with its table, the newest first.
        instances: orchestrations of its states, each with how often its step was tried.
    """

    name: str
    upload: Upload | None = None
    properties: BlobProperties | None = None
    rows: list[tuple[Table, dict[str, Any]]] = field(default_factory=list)
    instances: list[tuple[Instance, int]] = field(default_factory=list)
    poison: list[PeekedPoison] = field(default_factory=list)
    no_app: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=f"the blob's name in {CONTAINER}")
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options, app = output_options(arguments), app_from(arguments)
    seen = _look(app, images(), arguments.name.removeprefix(f"{CONTAINER}/"))
    advice = _advice(seen)
    with Records(_COLUMNS, options) as records:
        for record in _records(seen):
            records.write(record)
        records.write({"what": "next", "detail": advice})
    if seen.no_app:
        return ExitStatus.UNREACHABLE
    return ExitStatus.DONE if advice.startswith(_NO_ACTION) else ExitStatus.ATTENTION


def _look(app: DurableApp, source: Images, name: str) -> Seen:
    seen = Seen(name)
    with transient_storage_error("the storage that ImageStorage names"):
        try:
            seen.properties = source.container.get_blob_client(name).get_blob_properties()
            seen.upload = Upload(source.account, CONTAINER, name, str(seen.properties.etag))
        except ResourceNotFoundError:
            pass
    blob_id = Upload(source.account, CONTAINER, name, "").blob_id
    for table in (IMAGE_METADATA, IMAGE_REJECTIONS):
        seen.rows += [(table, row) for row in states(table, blob_id)]
    seen.rows.sort(key=lambda row: str(row[1]["stored_at"]), reverse=True)
    seen.poison = [message for message in peek_poison() if message.name == name]
    ids = dict.fromkeys([*([seen.upload.id] if seen.upload else []), *(row["upload_id"] for _, row in seen.rows)])
    try:
        for instance in filter(None, map(app.find, ids)):
            seen.instances.append((instance, app.attempts(instance.id, instance.step) if instance.step else 0))
    except UnreachableError as error:
        seen.no_app = str(error)
    return seen


def _records(seen: Seen) -> Iterator[dict[str, Any]]:
    if seen.properties is not None and seen.upload is not None:
        kind, size = seen.properties.content_settings.content_type, size_text(seen.properties.size)
        detail = f"{size}, {kind or 'no content type'}, {seen.properties.blob_tier or 'no'} tier"
        changed_at = utc_text(seen.properties.last_modified)
        yield {"what": "blob", "when": changed_at, "detail": detail, "upload_id": seen.upload.id}
    else:
        yield {"what": "blob", "detail": "does not exist"}
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
    if seen.no_app:
        yield {"what": "orchestration", "detail": seen.no_app}


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
    if seen.upload is None or seen.properties is None:
        yield not seen.rows, "check the name: there is no such blob, and no row of one"
        yield True, f"{_NO_ACTION}: the blob was deleted, and the rows tell what it was"
        return
    upload_id = seen.upload.id
    current = next((instance for instance, _ in seen.instances if instance.id == upload_id), None)
    has_row = any(row["upload_id"] == upload_id for _, row in seen.rows)
    yield has_row, f"{_NO_ACTION}: the present state has its row"
    archived = seen.properties.blob_tier == "Archive"
    yield archived, "move the blob out of the archive tier, then imagectl retry or imagectl backfill"
    if current is not None:
        yield current.status in LIVE, f"{_NO_ACTION}: it is under way, and retried by itself"
        inaccessible = current.code == FailureCode.INACCESSIBLE
        yield inaccessible, "upload it again without a customer-provided key, or imagectl retry once it can be read"
        yield current.status in UNSUCCESSFUL, "imagectl retry"
    yield bool(seen.poison), "imagectl retry"
    yield True, f"imagectl backfill --prefix '{seen.name}'"
