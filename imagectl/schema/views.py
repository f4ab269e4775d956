"""The views: the newest state of each blob, as anti-joins of which an index answers each for the row shown.

A filter on a view therefore reaches the table first, and the anti-joins run for the rows that are left.
"""

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS, UPLOAD_TABLES

CURRENT = {"CurrentImages": IMAGE_METADATA, "CurrentRejections": IMAGE_REJECTIONS}
"""Each view, and the table whose rows it shows."""

_LINE = 116


def query(table: Table) -> str:
    """The rows of one table whose upload is the newest known state of its blob, unless the blob is known to be deleted.

    Which state is newer is told by ``uploaded_at``, then ``read_at``; a row without ``read_at``, from before the
    upgrade, is the older one within its second. ``upload_id`` keeps two rows that neither tells apart from both
    being shown.
    """
    conditions = [*(_no_newer_row_in(each) for each in UPLOAD_TABLES), _NOT_DELETED]
    return f"{_WHICH}SELECT\n{_column_list(table)}\nFROM {table.name} AS shown\nWHERE " + "\nAND ".join(conditions)


_WHICH = """\
-- The newest known state of each blob: by uploaded_at, within one second by read_at, where a row without it counts as
-- the older one. A row from when the table had five columns belongs to no known blob (its blob_id begins with legacy-):
-- it is always shown, beside the newer row of what may be the same blob.
"""


def superseded() -> str:
    """Condition on a row called ``shown``: a newer state of its blob has a row in either table."""
    return "(" + " OR ".join(_no_newer_row_in(table).removeprefix("NOT ") for table in UPLOAD_TABLES) + ")"


def _no_newer_row_in(table: Table) -> str:
    return f"NOT EXISTS (\n    SELECT 1 FROM {table.name} AS newer\n{_NEWER})"  # noqa: S608  # a name of this project


_NOT_DELETED = """\
NOT EXISTS (
    SELECT 1 FROM BlobObservations AS deleted
    WHERE deleted.blob_id = shown.blob_id AND deleted.present = 0
    AND deleted.observed_at > COALESCE(shown.read_at, shown.stored_at)
    AND NOT EXISTS (
        SELECT 1 FROM BlobObservations AS later
        WHERE later.blob_id = deleted.blob_id AND later.present = 1 AND later.observed_at >= deleted.observed_at
    )
)"""

_NEWER = """\
    WHERE newer.blob_id = shown.blob_id AND (
        newer.uploaded_at > shown.uploaded_at
        OR newer.uploaded_at = shown.uploaded_at AND (
            newer.read_at > shown.read_at
            OR newer.read_at IS NOT NULL AND shown.read_at IS NULL
            OR (newer.read_at = shown.read_at OR newer.read_at IS NULL AND shown.read_at IS NULL)
            AND newer.upload_id > shown.upload_id
        )
    )
"""


def _column_list(table: Table) -> str:
    lines, line = [], "   "
    for name in table.columns:
        if len(line) + len(name) + len(" shown.,") > _LINE:
            lines.append(line)
            line = "   "
        line += f" shown.{name},"
    return "\n".join([*lines, line]).removesuffix(",")
