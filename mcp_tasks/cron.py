"""When a cron expression is due, on days too on which clocks change.

There we do as Debian's cron does: an expression with a star for its minute or hour is due at every instant at which
the clocks on the wall show one of its times; any other one once for each of its times of a day, and right after the
gap for those that the clocks leave out.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim


def due_after(moment: float, cron: str, zone: ZoneInfo) -> float | None:
    """The first due time later than `moment`, both in seconds since 1970; None when it never comes."""
    starred = any(field.startswith("*") for field in cron.split()[:2])
    found = _whenever(cron, moment, zone) if starred else _once_each(cron, moment, zone)
    return next((due for due in found if due > moment), None)


def _once_each(cron: str, moment: float, zone: ZoneInfo) -> Iterator[float]:
    """As cronsim has them; from inside a repeated hour the first can be one of the past."""
    return (found.timestamp() for found in CronSim(cron, datetime.fromtimestamp(moment, zone)))


def _whenever(cron: str, moment: float, zone: ZoneInfo) -> Iterator[float]:
    """The first one. cronsim counts hours of 60 minutes, and gets out of step where clocks change by 30."""
    wall = _wall(moment, zone)
    set_back = wall + timedelta(days=1) - _wall(moment + 86_400, zone)  # then earlier times will be shown again
    best: float | None = None
    for shown in CronSim(cron, wall - max(set_back, timedelta(0))):
        first, second = (shown.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
        if best is not None and first >= best:
            break
        for due in (first, second):
            if due > moment and (best is None or due < best) and _wall(due, zone) == shown:
                best = due
    if best is not None:
        yield best


def _wall(moment: float, zone: ZoneInfo) -> datetime:
    """What the clocks on the wall show."""
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None, fold=0)
