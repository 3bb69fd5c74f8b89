"""When cron expressions are due, worked out from the zones alone: what tests hold `Trigger` against."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, takewhile
from zoneinfo import ZoneInfo

MINUTE, DAY = 60.0, 86_400.0


@dataclass(frozen=True)
class Cron:
    """An expression of minutes and hours, and what it means. `everywhere`: it has a star among the two.

    Then it is due whenever the clocks on the wall say so; else each time of the day once, and where the clocks
    leave it out, at the first instant after.
    """

    expression: str
    minutes: Iterable[int]
    hours: Iterable[int]
    everywhere: bool

    def after(self, start: float, zone: str) -> Iterator[float]:
        """The due times later than `start`, in order, each once, for ever."""
        last = start
        for moment in self._everywhere(start, ZoneInfo(zone)) if self.everywhere else self._daily(start, zone):
            if moment > last:
                yield moment
                last = moment

    def between(self, start: float, end: float, zone: str) -> list[float]:
        """The due times later than `start`, up to `end`."""
        return list(takewhile(lambda moment: moment <= end, self.after(start, zone)))

    def _everywhere(self, start: float, zone: ZoneInfo) -> Iterator[float]:
        for moment in count(start // MINUTE * MINUTE, MINUTE):
            shown = datetime.fromtimestamp(moment, zone)
            if shown.minute in self.minutes and shown.hour in self.hours:
                yield moment

    def _daily(self, start: float, zone: str) -> Iterator[float]:
        for moment in count(start - 2 * DAY, DAY):
            day = datetime.fromtimestamp(moment, UTC).date()
            yield from sorted(_instant(day, h, m, ZoneInfo(zone)) for h in self.hours for m in self.minutes)


def _instant(day: date, hour: int, minute: int, zone: ZoneInfo) -> float:
    wall = datetime(day.year, day.month, day.day, hour, minute)
    while _shown_at(wall.replace(tzinfo=zone).timestamp(), zone) != wall:
        wall += timedelta(minutes=1)
    return wall.replace(tzinfo=zone).timestamp()


def _shown_at(moment: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None, fold=0)


QUARTERS, HOURS = range(0, 60, 15), range(24)
CRONS = [
    Cron("*/15 * * * *", QUARTERS, HOURS, everywhere=True),
    Cron("5 * * * *", [5], HOURS, everywhere=True),
    Cron("*/15 2 * * *", QUARTERS, [2], everywhere=True),
    Cron("*/15 3 * * *", QUARTERS, [3], everywhere=True),
    Cron("*/20 0 * * *", range(0, 60, 20), [0], everywhere=True),
    Cron("0 0 * * *", [0], [0], everywhere=False),
    Cron("30 2 * * *", [30], [2], everywhere=False),
    Cron("40 1 * * *", [40], [1], everywhere=False),
    Cron("15,45 1,2 * * *", [15, 45], [1, 2], everywhere=False),
    Cron("45 23 * * *", [45], [23], everywhere=False),
]
CHANGES = {
    "America/Santiago": ["2026-04-04", "2026-09-05"],  # at midnight, an hour
    "Europe/Madrid": ["2026-03-28", "2026-10-24"],  # at two and three, an hour
    "Australia/Lord_Howe": ["2026-04-04", "2026-10-03"],  # at two, half an hour
    "America/Montevideo": ["2014-10-04", "2015-03-07", "2026-11-23"],  # at two, an hour; since 2015 never
}
"""Days before clocks change, by zone."""
