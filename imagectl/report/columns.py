"""Which columns the page has, and what of the database's each is made from."""

import json
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from imagectl.report.encoding import Copies, Dictionary, Encoding, Numbers, Steps, Values


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the page.

    Attributes:
        name: what the page calls it.
        sources: columns of the database.
        encoding: makes what collects its values.
        convert: the value for the page from the sources' values.
    """

    name: str
    sources: tuple[str, ...]
    encoding: Callable[[], Encoding] = Values
    convert: Callable[..., Any] = lambda value: value


# A table of only the five main columns, which the schema brings up to date, may have NULL in them.
def _text(value: str | None) -> str:
    return value or ""


def _pixels(value: int | None) -> int:
    return value or 0


def _bytes(size_kb: float | None) -> int:
    return round((size_kb or 0) * 1024)


def _seconds(moment: datetime | str | None) -> int | None:
    """Seconds since 1970 of a moment without a zone, as if it were in UTC; SQLite says moments as text."""
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return None
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp())


def _camera(make: str | None, model: str | None) -> str | None:
    """``Canon EOS R5``, although the make is Canon and the model Canon EOS R5."""
    make, model = (make or "").strip(), (model or "").strip()
    if not make or not model:
        return model or make or None
    return model if model.casefold().startswith(make.split()[0].casefold()) else f"{make} {model}"


def _unless_stored(displayed: int | None, stored: int | None) -> int | None:
    return None if displayed == stored else displayed


def _content(md5: str | None, size_kb: float | None) -> str | None:
    return f"{md5} {size_kb}" if md5 else None


IMAGES = (
    Column("file_name", ("file_name",), convert=_text),
    Column("container", ("account", "container"), Dictionary, lambda *names: "/".join(filter(None, names)) or None),
    Column("format", ("format",), Dictionary),
    Column("bytes", ("file_size_kb",), Numbers, _bytes),
    Column("width", ("width",), Numbers, _pixels),
    Column("height", ("height",), Numbers, _pixels),
    Column("display_width", ("display_width", "width"), Numbers, _unless_stored),
    Column("display_height", ("display_height", "height"), Numbers, _unless_stored),
    Column("uploaded_at", ("uploaded_at",), Steps, _seconds),
    Column("taken_at", ("taken_at",), Numbers, _seconds),
    Column("camera", ("camera_make", "camera_model"), Dictionary, _camera),
    Column("lens_model", ("lens_model",), Dictionary),
    Column("color_mode", ("color_mode",), Dictionary),
    Column("frame_count", ("frame_count",), Numbers),
    Column("copy", ("content_md5", "file_size_kb"), Copies, _content),
)


def history(superseded: Container[str]) -> Column:
    """1 for the uploads that are superseded or deleted, else 0."""
    return Column("history", ("upload_id",), Numbers, lambda upload_id: int(upload_id in superseded))


LOCATION = (Column("latitude", ("latitude",)), Column("longitude", ("longitude",)))
REJECTIONS = (
    Column("file_name", ("file_name",), convert=_text),
    Column("bytes", ("file_size_kb",), Numbers, _bytes),
    Column("reason", ("reason",), Dictionary),
    Column("detail", ("detail",), Dictionary),
    Column("uploaded_at", ("uploaded_at",), Steps, _seconds),
)

Page: TypeAlias = Sequence[Sequence[Any]]
"""Rows of the database, as they come."""


def sources(columns: Iterable[Column]) -> list[str]:
    """The columns of the database that these are made from, each once, and the key."""
    return list(dict.fromkeys(["upload_id", *(source for column in columns for source in column.sources)]))


@dataclass(frozen=True, slots=True)
class TableData:
    """A table as the page takes it: JSON text, and how many rows that is."""

    rows: int
    json: str


def table_data(columns: Sequence[Column], pages: Iterable[Page]) -> TableData:
    """Collect the table, newest upload first.

    Args:
        columns: those of the page, one of them encoded as ``Steps``: the moments of the uploads.
        pages: rows with the values of ``sources(columns)``, in that order.
    """
    names = sources(columns)
    encodings = {column.name: column.encoding() for column in columns}
    for page in pages:
        values = dict(zip(names, zip(*page, strict=True), strict=True))
        for column in columns:
            encodings[column.name].extend(map(column.convert, *(values[name] for name in column.sources)))
    (uploads,) = (encoding for encoding in encodings.values() if isinstance(encoding, Steps))
    order = uploads.newest_first()
    # Taken out one by one, so that the values of a large table are not kept beside their text.
    texts = {name: _json(encodings.pop(name).encoded(order)) for name in list(encodings)}
    inside = ",".join(f"{_json(name)}:{text}" for name, text in texts.items())
    return TableData(len(order), f'{{"rows":{len(order)},"columns":{{{inside}}}}}')


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
