"""Each midnight says what the day before came to: what the queue did, and what was quoted."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks import TaskContext, TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.app import open_queue
from mcp_tasks.errors import PermanentError
from mcp_tasks.functions import task_function
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.document import Client, quotation_from_bom
from mcp_tasks.schedule import Trigger
from mcp_tasks.settings import Settings
from mcp_tasks.task import Backoff
from tests.moving_clock import MovingClock
from tests.predefined.running import Midnights, moment
from tests.quotation.asking import ROOF, WALL, bom
from tests.server.serving import ask, in_this_process, opened

pytestmark = pytest.mark.anyio

ZONE = "America/Montevideo"
NOON = moment("2026-11-23T12:00", ZONE)
MIDNIGHT = moment("2026-11-24T00:00", ZONE)
HOUR = 3_600.0


@pytest.fixture
def clock() -> MovingClock:
    """Noon of the day that the tests report."""
    return MovingClock(NOON)


@pytest.fixture
def server(tmp_path: Path, clock: MovingClock) -> Midnights:
    """In Montevideo."""
    return Midnights(tmp_path, clock)


def sold(base: dict[str, Any], /, **changed: Any) -> dict[str, Any]:
    """What the product records of a quotation."""
    return recorded(bom(base, **changed))


def recorded(counted: Bom) -> dict[str, Any]:
    quotation = quotation_from_bom(counted, Client(name="Ana Persona", phone="099 000 000"))
    return {"bom": as_json(counted), "quotation": as_json(quotation)}


def as_json(model: Any) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)


async def test_it_counts_the_tasks_of_the_day_by_function(server: Midnights, clock: MovingClock) -> None:
    async def measured(seconds: float) -> None:
        clock.advance(seconds)

    async def refusing() -> None:
        raise PermanentError("no")

    async def flaky(ctx: TaskContext, attempts: int) -> None:
        if ctx.attempt < attempts:
            raise ConnectionError("not now")

    server.queue.functions.add(task_function(flaky, max_retries=1, backoff=Backoff(first=0)))
    async with server.running():
        for seconds in (1, 2, 30):
            await server.done(measured, seconds=seconds)
        await server.run(refusing)
        await server.done("flaky", attempts=2)
        await server.run("flaky", attempts=3)
        waiting = await server.queue.enqueue(measured, seconds=1, delay=60)
        await server.queue.cancel(waiting.id)
        clock.advance(MIDNIGHT + 5 - clock.now())
        report = await server.report()

    by_name = {one.pop("name"): one for one in report["tasks"]}
    assert by_name["measured"] == {
        "completed": 3,
        "failed": 0,
        "cancelled": 1,
        "wait_seconds": {"p50": 0.0, "p95": 0.0},
        "run_seconds": {"p50": 2.0, "p95": 30.0},
        "retries": 0,
        "failures": {},
    }
    assert (by_name["refusing"]["failed"], by_name["refusing"]["failures"]) == (1, {"PermanentError": 1})
    assert (by_name["flaky"]["completed"], by_name["flaky"]["retries"]) == (1, 2)
    assert by_name["flaky"]["failures"] == {"ConnectionError": 1}
    assert (report["day"], report["timezone"]) == ("2026-11-23", ZONE)
    assert (report["since"], report["until"]) == ("2026-11-23T00:00:00-03:00", "2026-11-24T00:00:00-03:00")


async def test_it_sums_up_what_was_quoted_by_family_and_basis_and_says_nothing_of_clients(
    server: Midnights, clock: MovingClock
) -> None:
    roof, wall = bom(ROOF), bom(WALL)
    february = bom(ROOF, price_list="bmc-2026-02")
    async with server.running():
        for counted in (roof, roof, wall, february):
            await server.quoted(recorded(counted))
        clock.advance(MIDNIGHT - clock.now())
        report = await server.report()

    quotations = report["quotations"]
    with_tax, without = [
        {"currency": "USD", "prices_include_tax": taxed, "total": str(total)}
        for taxed, total in ((True, february.totals.total), (False, roof.totals.total * 2))
    ]
    assert [(one["family"], one["core"], one["usage"], one["quotations"]) for one in quotations["by_family"]] == [
        ("ISOPANEL", "EPS", "pared", 1),
        ("ISODEC", "EPS", "techo", 3),
    ]
    assert quotations["by_family"][1]["m2"] == str(roof.panel_area_m2 * 3)
    assert sorted(map(str, quotations["by_family"][1]["totals"])) == sorted(map(str, [without, with_tax]))
    assert quotations["quotations"] == 4
    assert quotations["m2"] == str(roof.panel_area_m2 * 3 + wall.panel_area_m2)
    assert report["price_list"] == {"id": "bmc-2026-08", "date": "2026-08-15", "age_days": 100, "stale": True}
    assert "Ana" not in json.dumps(report)
    assert "099" not in json.dumps(report)


async def test_a_quotation_that_was_revised_counts_once_in_its_last_revision(
    server: Midnights, clock: MovingClock
) -> None:
    last = bom(ROOF, width_m=20)
    async with server.running():
        number = await server.quoted(sold(ROOF))
        clock.advance(3 * HOUR)
        await server.quoted(recorded(last), key=number)
        await server.quoted(sold(ROOF), key=number, owner="somebody else")  # whose number is another's
        clock.advance(MIDNIGHT - clock.now())
        quotations = (await server.report())["quotations"]

    assert (quotations["quotations"], quotations["revised"]) == (2, 1)
    assert quotations["m2"] == str(last.panel_area_m2 + bom(ROOF).panel_area_m2)


async def test_it_names_the_most_frequent_warnings_and_what_had_no_price(server: Midnights, clock: MovingClock) -> None:
    near = sold(ROOF, length_m=12, span_m="5.4")
    without = sold(ROOF, length_m=12, span_m="5.4")
    without["bom"] |= {"missing_prices": ["varilla", "varilla"]}
    async with server.running():
        for content in (near, without, sold(ROOF, length_m=12, span_m="9")):
            await server.quoted(content)
        clock.advance(MIDNIGHT - clock.now())
        quotations = (await server.report())["quotations"]

    assert quotations["warnings"][0] == {"what": "span_near_max", "quotations": 2}
    assert {"what": "span_exceeds_max", "quotations": 1} in quotations["warnings"]
    assert quotations["missing_prices"] == [{"what": "varilla", "quotations": 1}]


async def test_parts_share_their_quotations_total_to_the_cent(server: Midnights, clock: MovingClock) -> None:
    roof, wall = bom(ROOF), bom(WALL)
    content = sold(ROOF)
    content["bom"] |= {
        "totals": as_json(roof.totals) | {"total": "1000.01"},
        "parts": [
            {"system": "techo_isodec_eps", "panel_area_m2": str(roof.panel_area_m2), "materials": "2.00"},
            {"system": "pared_isopanel_eps", "panel_area_m2": str(wall.panel_area_m2), "materials": "1.00"},
        ],
    }
    async with server.running():
        await server.quoted(content)
        clock.advance(MIDNIGHT - clock.now())
        quotations = (await server.report())["quotations"]

    totals = {one["family"]: one["totals"][0]["total"] for one in quotations["by_family"]}
    assert totals == {"ISODEC": "666.67", "ISOPANEL": "333.34"}
    assert quotations["quotations"] == 1
    assert quotations["totals"][0]["total"] == "1000.01"


async def test_given_lines_and_accessories_have_no_family_and_what_cannot_be_read_is_counted_as_such(
    server: Midnights, clock: MovingClock
) -> None:
    given, accessories = sold(ROOF), sold(ROOF)
    del given["bom"]
    accessories["bom"] |= {"system": "accesorios", "panel_area_m2": "0.00"}
    async with server.running():
        await server.quoted(given)
        await server.quoted(accessories)
        await server.quoted({"bom": {"written by": "another version"}})
        clock.advance(MIDNIGHT - clock.now())
        quotations = (await server.report())["quotations"]

    (only,) = quotations["by_family"]
    assert (only["family"], only["usage"], only["totals"]) == (None, None, quotations["totals"])
    assert only["totals"][0]["total"] == str(bom(ROOF).totals.total * 2)
    assert (quotations["quotations"], quotations["unreadable"]) == (2, 1)


async def test_given_panels_that_are_sold_by_the_piece_have_no_known_area(
    server: Midnights, clock: MovingClock
) -> None:
    given = sold(ROOF)
    del given["bom"]
    given["quotation"]["lines"] += [given["quotation"]["lines"][0] | {"unit": "pieza", "quantity": "7", "total": None}]
    async with server.running():
        await server.quoted(given)
        clock.advance(MIDNIGHT - clock.now())
        quotations = (await server.report())["quotations"]

    assert (quotations["unreadable"], quotations["m2"]) == (0, str(bom(ROOF).panel_area_m2))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Montevideo", "2026-11-23", 24),
        ("America/New_York", "2026-11-01", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/Santiago", "2026-09-06", 23),  # the clocks leave its midnight out
        ("America/Santiago", "2026-04-04", 25),
        ("America/Havana", "2026-11-01", 25),  # its midnight comes twice
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ],
)
async def test_a_day_goes_from_midnight_to_midnight_however_long_it_is(
    tmp_path: Path, zone: str, day: str, hours: float
) -> None:
    begin = moment(f"{day}T00:00", zone)
    end = begin + hours * HOUR
    clock = MovingClock(begin - 1)
    server = Midnights(tmp_path, clock, timezone=zone)
    async with server.running():
        for at in (begin - 1, begin, end - 1, end):
            clock.advance(at - clock.now())
            await server.quoted(sold(ROOF))
        plan = server.queue.functions.schedules()["daily_stats_report"]
        assert plan is not None
        assert plan.after(begin) == end
        report = await server.report()

    (tasks,) = report["tasks"]
    assert (report["day"], tasks["completed"], report["quotations"]["quotations"]) == (day, 2, 2)


async def test_a_day_is_reported_once(server: Midnights, clock: MovingClock) -> None:
    async with server.running():
        clock.advance(MIDNIGHT - clock.now())
        first = await server.report()
        clock.advance(5 * HOUR)
        again = await server.report()
        reports = await server.queue.records("report", key="daily_stats_report")

    assert again == first
    assert len(reports) == 1
    assert reports[0].content == first


async def test_missed_midnights_make_one_report_of_yesterday_and_the_others_can_be_asked_for(
    server: Midnights, clock: MovingClock
) -> None:
    async with server.queue:
        await server.scheduler.schedule_daily("daily_stats_report", "daily_stats_report", 0, timezone=ZONE)
        clock.advance(MIDNIGHT + 80 * HOUR - clock.now())  # the fourth day after
        await server.scheduler.fire_due()
        await server.scheduler.fire_due()
        (fired,) = (await server.queue.list_tasks()).tasks
        async with TaskWorker(server.queue):
            assert (await server.queue.wait(fired.id)).result["day"] == "2026-11-26"
            assert (await server.report("2026-11-24"))["day"] == "2026-11-24"
        reports = await server.queue.records("report", key="daily_stats_report")

    assert fired.owner == "system"
    assert [report.content["day"] for report in reports] == ["2026-11-24", "2026-11-26"]


async def test_a_report_that_runs_a_day_late_is_still_of_the_day_before_its_midnight(
    server: Midnights, clock: MovingClock
) -> None:
    clock.advance(MIDNIGHT - clock.now())
    async with server.queue as queue:
        task = await queue.enqueue("daily_stats_report")
        clock.advance(25 * HOUR)
        async with TaskWorker(queue):
            assert (await queue.wait(task.id)).result["day"] == "2026-11-23"


async def test_a_day_that_is_not_over_is_not_reported(server: Midnights) -> None:
    async with server.running():
        task = await server.run("daily_stats_report", day="2026-11-23")

    assert task.status is TaskStatus.FAILED
    assert task.failures == 1
    assert "2026-11-23 is not over" in str(task.error)


async def test_it_says_from_when_on_the_cleanup_had_left_the_days_tasks(tmp_path: Path, clock: MovingClock) -> None:
    server = Midnights(tmp_path, clock, keep_finished_hours=2)
    async with server.running():
        await server.done(nothing)
        clock.advance(MIDNIGHT - clock.now() - HOUR)
        await server.done(nothing)
        await server.done("cleanup_old_tasks")
        clock.advance(HOUR)
        report = await server.report()
        long_ago = await server.report("2026-11-20")

    assert {one["name"]: one["completed"] for one in report["tasks"]} == {"nothing": 1, "cleanup_old_tasks": 1}
    assert report["tasks_since"] == "2026-11-23T21:00:00-03:00"
    assert long_ago["tasks_since"] == long_ago["until"]


async def nothing() -> None:
    """A task."""


@pytest.mark.parametrize(
    ("settings", "trigger"),
    [
        ({}, Trigger(cron="0 0 * * *", timezone="America/Montevideo")),
        ({"timezone": "Europe/Madrid"}, Trigger(cron="0 0 * * *", timezone="Europe/Madrid")),
        (
            {"scheduled_tasks": {"daily_stats_report": {"daily_at": [6, 30], "timezone": "Asia/Tokyo"}}},
            Trigger(cron="30 6 * * *", timezone="Asia/Tokyo"),
        ),
        ({"scheduled_tasks": {"daily_stats_report": {"enabled": False}}}, None),
    ],
)
async def test_it_is_planned_for_midnight_unless_the_settings_say_otherwise(
    tmp_path: Path, settings: dict[str, Any], trigger: Trigger | None
) -> None:
    async with open_queue(Settings.read(data_dir=tmp_path, **settings)) as queue:
        assert queue.functions.schedules()["daily_stats_report"] == trigger


async def test_what_the_products_own_task_records_is_understood(tmp_path: Path) -> None:
    async with in_this_process(tmp_path) as client:
        made = await ask(client, "submit_quotation", request=ROOF, client={"name": "Ana"}, wait_seconds=30)
    async with opened(tmp_path) as queue:
        (kept,) = await queue.records("quotation")
    server = Midnights(tmp_path, MovingClock(kept.created_at + 24 * HOUR))
    async with server.running():
        quotations = (await server.report())["quotations"]

    assert (quotations["quotations"], quotations["unreadable"]) == (1, 0)
    assert quotations["m2"] == made["result"]["bom"]["panel_area_m2"]
    assert quotations["totals"][0]["total"] == made["result"]["bom"]["totals"]["total"]


async def test_the_queue_is_another_processs_too(server: Midnights, tmp_path: Path, clock: MovingClock) -> None:
    """The report covers what others carried out."""
    async with TaskQueue(server.settings.database, clock=clock) as other, TaskWorker(other):
        await other.wait((await other.enqueue(nothing)).id)
    clock.advance(MIDNIGHT - clock.now())
    async with server.running():
        report = await server.report()

    assert [one["name"] for one in report["tasks"]] == ["nothing"]
