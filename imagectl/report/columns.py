"""Which columns the page has, and what of the database's each is made from."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from imagectl.report.encoding import Copies, Dictionary, Encoding, Steps, Values


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


def _bytes(size_kb: float | None) -> int | None:
    return None if size_kb is None else round(size_kb * 1024)


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


def _unless_stored(displayed: int | None, stored: int) -> int | None:
    return None if displayed == stored else displayed


def _content(md5: str | None, size_kb: float) -> tuple[str, float] | None:
    return (md5, size_kb) if md5 else None


IMAGES = (
    Column("file_name", ("file_name",)),
    Column("container", ("account", "container"), Dictionary, lambda *names: "/".join(filter(None, names)) or None),
    Column("format", ("format",), Dictionary),
    Column("bytes", ("file_size_kb",), convert=_bytes),
    Column("width", ("width",)),
    Column("height", ("height",)),
    Column("display_width", ("display_width", "width"), convert=_unless_stored),
    Column("display_height", ("display_height", "height"), convert=_unless_stored),
    Column("uploaded_at", ("uploaded_at",), Steps, _seconds),
    Column("taken_at", ("taken_at",), convert=_seconds),
    Column("camera", ("camera_make", "camera_model"), Dictionary, _camera),
    Column("lens_model", ("lens_model",), Dictionary),
    Column("color_mode", ("color_mode",), Dictionary),
    Column("frame_count", ("frame_count",)),
    Column("copy", ("content_md5", "file_size_kb"), Copies, _content),
)


def history(superseded: Container[str]) -> Column:
    """1 for the uploads that are superseded or deleted, else 0."""
    return Column("history", ("upload_id",), convert=lambda upload_id: int(upload_id in superseded))


LOCATION = (Column("latitude", ("latitude",)), Column("longitude", ("longitude",)))
REJECTIONS = (
    Column("file_name", ("file_name",)),
    Column("bytes", ("file_size_kb",), convert=_bytes),
    Column("reason", ("reason",), Dictionary),
    Column("detail", ("detail",), Dictionary),
    Column("uploaded_at", ("uploaded_at",), Steps, _seconds),
)

Page: TypeAlias = Sequence[Sequence[Any]]
"""Rows of the database, as they come."""


def sources(columns: Iterable[Column]) -> list[str]:
    """The columns of the database that these are made from, each once, and the key."""
    return list(dict.fromkeys(["upload_id", *(source for column in columns for source in column.sources)]))


def table_data(columns: Sequence[Column], pages: Iterable[Page]) -> dict[str, Any]:
    """The table as JSON data for the page, newest upload first.

    Args:
        columns: those of the page, ``file_name`` and ``uploaded_at`` among them.
        pages: rows with the values of ``sources(columns)``, in that order.
    """
    names = sources(columns)
    encodings = {column.name: column.encoding() for column in columns}
    for page in pages:
        values = dict(zip(names, zip(*page, strict=True), strict=True))
        for column in columns:
            encodings[column.name].extend(map(column.convert, *(values[name] for name in column.sources)))
    order = _newest_first(encodings)
    return {"rows": len(order), "columns": {name: encoding.encoded(order) for name, encoding in encodings.items()}}


def _newest_first(encodings: Mapping[str, Any]) -> list[int]:
    uploaded, names = encodings["uploaded_at"].values, encodings["file_name"].values
    return sorted(range(len(names)), key=lambda row: (uploaded[row] is None, -(uploaded[row] or 0), names[row]))
