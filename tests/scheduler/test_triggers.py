"""When a schedule runs next: intervals do not drift, days have their lengths, repeated hours come once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.schedule import by_cron, daily, interval


def at(text: str, zone: str = "UTC", fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def test_an_interval_counts_on_from_the_run_that_was_due() -> None:
    assert interval(60).after(1_000.4, previous=1_000.0) == 1_060.0


def test_an_interval_that_was_missed_many_times_goes_on_in_its_own_rhythm() -> None:
    assert interval(60).after(1_330.0, previous=1_000.0) == 1_360.0


def test_a_new_interval_starts_one_interval_from_now() -> None:
    assert interval(60).after(1_000.0) == 1_060.0


@given(every=st.integers(1, 10_000), previous=st.floats(0, 1e9), late=st.floats(0, 1e6))
def test_the_next_run_is_always_later_and_at_most_one_interval_away(every: int, previous: float, late: float) -> None:
    now = previous + late
    following = interval(every).after(now, previous)
    assert now < following <= now + every + 1e-6 * now


def test_a_daily_time_is_local_to_its_zone() -> None:
    assert daily(2, 30, "America/Montevideo").after(at("2026-11-23T12:00")) == at("2026-11-24T05:30")


def test_a_day_with_a_missing_hour_still_has_its_run() -> None:
    first = daily(2, 30, "Europe/Madrid").after(at("2026-03-28T12:00"))
    assert at("2026-03-29T00:00", "Europe/Madrid") < first < at("2026-03-30T00:00", "Europe/Madrid")


def test_a_day_with_a_repeated_hour_has_one_run() -> None:
    trigger = daily(2, 30, "Europe/Madrid")
    first = trigger.after(at("2026-10-24T12:00"))
    second = trigger.after(first)
    assert first == at("2026-10-25T02:30", "Europe/Madrid")
    assert second == at("2026-10-26T02:30", "Europe/Madrid")


@pytest.mark.parametrize("fold", [0, 1])
def test_from_inside_a_repeated_hour_the_next_run_is_in_the_future(fold: int) -> None:
    now = at("2026-10-25T02:45", "Europe/Madrid", fold)
    assert now < by_cron("*/15 * * * *", "Europe/Madrid").after(now) <= now + 15 * 60 + 3_600


@pytest.mark.parametrize(
    ("make", "field"),
    [
        pytest.param(lambda: interval(0), "interval_seconds", id="no time at all"),
        pytest.param(lambda: interval(-5), "interval_seconds", id="back in time"),
        pytest.param(lambda: daily(24, 0), "daily_at", id="a 25th hour"),
        pytest.param(lambda: by_cron("61 * * * *"), "cron", id="a 61st minute"),
        pytest.param(lambda: by_cron("* * * *"), "cron", id="four fields"),
        pytest.param(lambda: by_cron("0 2 * * *", "Mars/Olympus"), "timezone", id="an unknown zone"),
        pytest.param(lambda: by_cron("0 2 * * *", "../etc"), "timezone", id="a path for a zone"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_an_example(make: object, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        make()  # type: ignore[operator]  # pyright: ignore[reportCallIssue]
    assert (refusal.value.field, refusal.value.example is not None) == (field, True)
