"""Days with a missing or a repeated hour, or half an hour: every due time comes, in order, once."""

from bisect import bisect_right
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mcp_tasks.schedule import by_cron
from tests.scheduler.due_times import CHANGES, CRONS, DAY, Cron

DAYS = [(zone, day) for zone, days in CHANGES.items() for day in days]


@pytest.mark.parametrize("cron", CRONS, ids=lambda cron: cron.expression)
@pytest.mark.parametrize(("zone", "day"), DAYS)
def test_from_every_moment_of_the_days_around_it_the_next_run_is_the_next_due_time(
    zone: str, day: str, cron: Cron
) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp()
    due = cron.between(start, start + 4 * DAY, zone)
    trigger = by_cron(cron.expression, zone)
    for minutes in range(0, 3 * 24 * 60, 13):
        moment = start + minutes * 60
        assert trigger.after(moment) == due[bisect_right(due, moment)]


@pytest.mark.parametrize("cron", CRONS, ids=lambda cron: cron.expression)
@pytest.mark.parametrize(("zone", "day"), DAYS)
def test_from_run_to_run_no_due_time_is_left_out(zone: str, day: str, cron: Cron) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp()
    trigger = by_cron(cron.expression, zone)
    runs, moment = list[float](), start
    while (moment := trigger.after(moment)) <= start + 3 * DAY:
        runs.append(moment)
    assert runs == cron.between(start, start + 3 * DAY, zone)
