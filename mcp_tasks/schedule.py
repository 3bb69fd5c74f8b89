"""What a schedule is, and when it runs next: every so many seconds, or at the times of a cron expression.

A daily time is a cron expression.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.task import TaskPriority

CORRECTION_SECONDS = 3 * 3_600.0
"""A clock that is set back further was wrong before. cron(8) draws the line there too."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Either `every` (seconds) or `cron` (five fields) in `timezone` (an IANA name)."""

    every: float | None = None
    cron: str | None = None
    timezone: str = "UTC"

    def after(self, moment: float, previous: float | None = None) -> float:
        """The first run later than `moment` (seconds since 1970).

        An interval counts on from `previous`, the run that was due, so that it does not drift.
        """
        if self.every is not None:
            start = moment if previous is None else previous
            return start + self.every * max(1, int((moment - start) // self.every) + 1)
        from mcp_tasks.cron import due_after  # here and below, for most processes have no cron expression

        assert self.cron is not None
        found = due_after(moment, self.cron, ZoneInfo(self.timezone))
        if found is None:
            raise InvalidRequest(f"the cron expression {self.cron!r} never comes true")
        return found

    def __str__(self) -> str:
        if self.every is not None:
            return f"every {self.every:g} s"
        return f"cron {self.cron} ({self.timezone})"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A task that is enqueued by the clock. `params` is validated JSON text; times are seconds since 1970.

    `last_due` is the due time that the last run was for; `last_run` is when it came.
    """

    name: str
    task: str
    params: str
    trigger: Trigger
    priority: TaskPriority = TaskPriority.NORMAL
    max_retries: int = 3
    timeout: float | None = None
    enabled: bool = True
    next_run: float | None = None
    last_run: float | None = None
    last_due: float | None = None
    runs: int = 0
    errors: int = 0

    def next_after(self, now: float) -> float:
        """The first run later than `now`, to which somebody may have set the clock back.

        No due time of a cron expression runs twice, unless the clock was set back by more than
        `CORRECTION_SECONDS`: then it was wrong, and of what ran by it only the last due time counts as done.
        An interval has no due times that could come again: it runs one interval from now.
        """
        following, last = self.trigger.after(now), self.last_due
        if self.trigger.cron is None or last is None:
            return following
        return self.trigger.after(last) if now < last <= now + CORRECTION_SECONDS or following == last else following


def trigger_from(
    interval_seconds: float | None, daily_at: tuple[int, int] | None, cron: str | None, timezone: str
) -> Trigger:
    """The one trigger that is given. Raises `InvalidRequest` for none, or more than one."""
    if sum(given is not None for given in (interval_seconds, daily_at, cron)) != 1:
        raise InvalidRequest(
            "give exactly one of interval_seconds, daily_at and cron",
            allowed=["interval_seconds", "daily_at", "cron"],
            example={"interval_seconds": 3600},
        )
    if interval_seconds is not None:
        return interval(interval_seconds)
    if daily_at is not None:
        return daily(*daily_at, timezone)
    assert cron is not None
    return by_cron(cron, timezone)


def interval(seconds: float) -> Trigger:
    """Every so many seconds; at least one."""
    if not 1 <= seconds <= 366 * 86_400:
        raise InvalidRequest(
            "interval_seconds must be from 1 to 31622400", field="interval_seconds", received=seconds, example=3600
        )
    return Trigger(every=float(seconds))


def daily(hour: int, minute: int, timezone: str = "UTC") -> Trigger:
    """Every day at that time of the zone."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise InvalidRequest(
            "daily_at must be an hour from 0 to 23 and a minute from 0 to 59",
            field="daily_at",
            received=f"{hour}:{minute}",
            example=[2, 0],
        )
    return by_cron(f"{minute} {hour} * * *", timezone)


def by_cron(expression: str, timezone: str = "UTC") -> Trigger:
    """At the times of a cron expression: minute, hour, day, month, weekday."""
    from cronsim import CronSim, CronSimError

    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=ZoneInfo(timezone)))
    except CronSimError as error:
        raise InvalidRequest(
            f"{expression!r} is not a cron expression: {error}; write minute, hour, day, month, weekday",
            field="cron",
            received=expression,
            example="0 2 * * *",
        ) from error
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(
            f"there is no time zone {timezone!r}; write an IANA name",
            field="timezone",
            received=timezone,
            example="America/Montevideo",
        ) from error
    return Trigger(cron=expression, timezone=timezone)
