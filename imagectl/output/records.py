"""Records on stdout, in the format that the options choose, printed as they come."""

import csv
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from rich.cells import cell_len

from imagectl.output.columns import GAP, Column, Kind, widths_of
from imagectl.output.options import OutputOptions
from imagectl.output.text import has_color, wrapped

_MEASURED_ROWS = 500
_INDENT = "    "
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_TSV_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


Record = Mapping[str, Any]


class _Writer(Protocol):
    def write(self, record: Record) -> None: ...

    def close(self) -> None: ...


class Records:
    """Writes records to stdout.

    Use it as a context manager: what is buffered is written when it is left without an exception, or with Ctrl-C.
    """

    def __init__(self, columns: Sequence[Column], options: OutputOptions, title: str = "") -> None:
        # A sentence stands last, below the others where it does not fit beside them.
        main = sorted((each for each in columns if each.is_main), key=lambda column: column.kind is Kind.SENTENCE)
        names = [column.name for column in columns]
        self._writer: _Writer
        match options.format:
            case "table":
                self._writer = _Table(main, title)
            case "tsv":
                self._writer = _Tsv([column.name for column in main])
            case "csv":
                self._writer = _Csv(names, for_excel=options.for_excel)
            case "json":
                self._writer = _JsonArray(names)
            case _:
                self._writer = _JsonLines(names)

    def write(self, record: Record) -> None:
        self._writer.write(record)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or kind is KeyboardInterrupt:
            self._writer.close()
            sys.stdout.flush()


class _Tsv:
    """Tabs and line ends only separate, as ``cut`` and ``awk`` expect; within values they are escaped."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._print(names)

    def write(self, record: Record) -> None:
        self._print(["" if (value := record.get(name)) is None else str(value) for name in self._names])

    def close(self) -> None:
        pass

    def _print(self, cells: Iterable[str]) -> None:
        sys.stdout.write("\t".join(cell.translate(_TSV_ESCAPES) for cell in cells) + "\n")


class _Csv:
    def __init__(self, names: Sequence[str], *, for_excel: bool) -> None:
        self._names, self._for_excel = names, for_excel
        end = "\r\n" if for_excel else "\n"
        self._rows = csv.writer(sys.stdout, lineterminator=end)
        if for_excel:
            sys.stdout.write("\ufeff")
        self._rows.writerow(names)

    def write(self, record: Record) -> None:
        cells = map(record.get, self._names)
        self._rows.writerow(map(_without_formula, cells) if self._for_excel else cells)

    def close(self) -> None:
        pass


class _JsonArray:
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._before = "["

    def write(self, record: Record) -> None:
        text = json.dumps({name: record.get(name) for name in self._names}, ensure_ascii=False, indent=2)
        sys.stdout.write(f"{self._before}\n  " + text.replace("\n", "\n  "))
        self._before = ","

    def close(self) -> None:
        sys.stdout.write("[]\n" if self._before == "[" else "\n]\n")


class _JsonLines:
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def write(self, record: Record) -> None:
        sys.stdout.write(json.dumps({name: record.get(name) for name in self._names}, ensure_ascii=False) + "\n")

    def close(self) -> None:
        pass


class _Table:
    """The widths are those of the first rows, so that a long table does not wait for its end."""

    def __init__(self, columns: Sequence[Column], title: str) -> None:
        self._columns, self._title = columns, title
        self._beside = [column for column in columns if column.kind is not Kind.SENTENCE]
        self._room = shutil.get_terminal_size().columns
        self._waiting: list[list[str]] = []
        self._widths: list[int] = []

    def write(self, record: Record) -> None:
        row = [column.text(record.get(column.name)) for column in self._columns]
        if self._widths:
            self._print(row)
            return
        self._waiting.append(row)
        if len(self._waiting) == _MEASURED_ROWS:
            self._print_waiting()

    def close(self) -> None:
        if self._waiting:
            self._print_waiting()

    def _print_waiting(self) -> None:
        heading = [column.name for column in self._columns]
        rows = [row[: len(self._beside)] for row in (heading, *self._waiting)]
        self._widths = widths_of(self._beside, rows, self._room)
        if self._title:
            print(_bold(self._title))
        print(_bold("\n".join(self._lines(heading))))
        for row in self._waiting:
            self._print(row)
        self._waiting = []

    def _print(self, row: Sequence[str]) -> None:
        print("\n".join(self._lines(row)))

    def _lines(self, row: Sequence[str]) -> Iterator[str]:
        """The cells side by side, the sentence behind them where it fits, else below."""
        cells = zip(self._beside, row, self._widths, strict=False)
        line = GAP.join(column.cell(text, width) for column, text, width in cells if width)
        sentence = "".join(row[len(self._beside) :])
        if cell_len(line) + len(GAP) + cell_len(sentence) <= self._room:
            yield GAP.join((line, sentence)).rstrip()
            return
        if line.strip():
            yield line.rstrip()
        yield from (f"{_INDENT}{part}" for part in wrapped(sentence, self._room - len(_INDENT)))


def _without_formula(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _bold(text: str) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if has_color() else text
