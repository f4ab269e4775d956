"""How a column travels in the page: as JSON that compresses well. ``page/data.js`` reads it back."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

_NONE = -(2**63)


class Encoding(Protocol):
    """Collects a column's values, a page of rows at a time."""

    def extend(self, values: Iterable[Any]) -> None: ...

    def encoded(self, order: Sequence[int]) -> Any:
        """The values in this order of the rows, as JSON data."""


class Values:
    """A plain array, for text that differs in every row, and fractions."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def extend(self, values: Iterable[Any]) -> None:
        self.values.extend(values)

    def encoded(self, order: Sequence[int]) -> list[Any]:
        return [self.values[row] for row in order]


class Numbers:
    """A plain array of whole numbers and None, in 8 bytes of memory each."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def extend(self, values: Iterable[int | None]) -> None:
        self._numbers.extend(_NONE if value is None else value for value in values)

    def encoded(self, order: Sequence[int]) -> Any:
        return [None if self._numbers[row] == _NONE else self._numbers[row] for row in order]


class Dictionary:
    """``{"values": […], "codes": […]}``: each different value once, and its place in that list for every row."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}
        self._codes = array("l")

    def extend(self, values: Iterable[Any]) -> None:
        places = self._places
        self._codes.extend(places.setdefault(value, len(places)) for value in values)

    def encoded(self, order: Sequence[int]) -> dict[str, list[Any]]:
        return {"values": list(self._places), "codes": [self._codes[row] for row in order]}


class Steps(Numbers):
    """``{"steps": […]}``: the difference from the number before, for moments in order; None stays None."""

    def newest_first(self) -> list[int]:
        """The rows, the largest number first; those with None come last."""
        return sorted(range(len(self._numbers)), key=lambda row: self._numbers[row], reverse=True)

    def encoded(self, order: Sequence[int]) -> Any:
        steps: list[int | None] = []
        last = 0
        for value in super().encoded(order):
            steps.append(None if value is None else value - last)
            last = last if value is None else value
        return {"steps": steps}


class Copies(Values):
    """A number for each content that several rows share, 0 for content of one row, None where it is not known."""

    def encoded(self, order: Sequence[int]) -> list[int | None]:
        counts: dict[Any, int] = {}
        for content in self.values:
            counts[content] = counts.get(content, 0) + 1
        numbers: dict[Any, int] = {}
        return [
            None if content is None else numbers.setdefault(content, len(numbers) + 1) if counts[content] > 1 else 0
            for content in super().encoded(order)
        ]
