"""The ``schedule`` of a timer trigger: an NCRONTAB expression of six fields, seconds first, in UTC as in Azure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cronsim import CronSim, CronSimError

from functions_emulator.errors import AppError

_FIELDS = 6
_DAY_OF_MONTH, _DAY_OF_WEEK = 3, 5
_TIME_SPAN = re.compile(r"(\d+\.)?\d+:\d+:\d+")


@dataclass(frozen=True)
class Schedule:
    """When a timer fires."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises AppError for anything but an NCRONTAB expression of six fields."""
        fields = text.split()
        if _TIME_SPAN.fullmatch(text):
            raise AppError(f'schedule "{text}" is a time span, which this emulator does not support; write NCRONTAB')
        if len(fields) != _FIELDS:
            raise AppError(f'schedule "{text}" has {len(fields)} fields; write six, beginning with the seconds')
        if "*" not in (fields[_DAY_OF_MONTH], fields[_DAY_OF_WEEK]):
            # cron fires when one of the two fits, NCRONTAB when both do.
            raise AppError(f'schedule "{text}" limits both kinds of days, which this emulator does not support')
        try:
            CronSim(text.upper(), datetime(2000, 1, 1))  # noqa: DTZ001  # only its syntax is in question
        except CronSimError as error:
            raise AppError(f'schedule "{text}" is not an NCRONTAB expression ({error}); correct it') from error
        return cls(text)

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times at which it fires, later than ``moment``, in ``moment``'s zone."""
        return iter(CronSim(self.text.upper(), moment))
