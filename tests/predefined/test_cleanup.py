"""The cleanup deletes what is old, keeps what is on record, and says what it did."""

from pathlib import Path

import pytest

from mcp_tasks import TaskContext
from mcp_tasks.errors import PermanentError
from tests.moving_clock import MovingClock
from tests.predefined.running import Midnights

pytestmark = pytest.mark.anyio

HOUR = 3_600.0
DAY = 24 * HOUR
NOTHING = {"tasks": 0, "files": 0, "bytes": 0, "orphans": 0, "orphan_bytes": 0, "reports": 0}


@pytest.fixture
def server(tmp_path: Path, clock: MovingClock) -> Midnights:
    """With the settings that nobody set."""
    return Midnights(tmp_path, clock)


async def render(ctx: TaskContext) -> None:
    """Writes two files and keeps a quotation."""
    ctx.artifact("quotation.pdf").write_bytes(b"%PDF")
    ctx.artifact("preview.png").write_bytes(b"PNG")
    await ctx.record("quotation", {"made": True}, prefix="Q-")


async def plan_prices(ctx: TaskContext) -> None:
    """Keeps a plan of prices."""
    await ctx.record("price_plan", {}, key="digest")


async def fail() -> None:
    """Makes nothing."""
    raise PermanentError("no")


async def test_finished_tasks_go_after_a_day_failed_ones_after_a_week_and_quotations_stay(
    server: Midnights, clock: MovingClock
) -> None:
    async with server.running():
        made = await server.run(render)
        failed = await server.run(fail)
        assert await server.done("cleanup_old_tasks") == NOTHING | {"dry_run": False}
        clock.advance(DAY + 1)
        removed = await server.done("cleanup_old_tasks")
        assert removed == NOTHING | {"dry_run": False, "tasks": 2, "files": 2, "bytes": 7}  # and the first cleanup
        assert failed.id in {task.id for task in (await server.queue.list_tasks()).tasks}
        clock.advance(6 * DAY)
        assert (await server.done("cleanup_old_tasks"))["tasks"] == 2
        (kept,) = await server.queue.records("quotation")
    assert (kept.task_id, kept.content) == (made.id, {"made": True})
    assert failed.error is not None


async def test_plans_of_prices_stay_as_long_as_reports(server: Midnights, clock: MovingClock) -> None:
    async with server.running():
        await server.run(plan_prices)
        clock.advance(90 * DAY)
        await server.done("cleanup_old_tasks")
        assert len(await server.queue.records("price_plan")) == 1
        clock.advance(1)
        await server.done("cleanup_old_tasks")
        assert await server.queue.records("price_plan") == []


async def test_a_dry_run_says_what_would_go_and_changes_nothing(server: Midnights, clock: MovingClock) -> None:
    orphan = server.settings.data_dir / "tasks.db-files" / "artifacts" / "gone" / "1" / "half.pdf"
    async with server.running():
        await server.run(render)
        for _ in range(2):
            await server.report()
            clock.advance(DAY)
        clock.advance(91 * DAY)
        orphan.parent.mkdir(parents=True)
        orphan.write_bytes(b"%P")
        before = await server.queue.list_tasks()
        told = await server.done("cleanup_old_tasks", dry_run=True)
        assert told == {
            "dry_run": True,
            "tasks": 3,
            "files": 2,
            "bytes": 7,
            "orphans": 1,
            "orphan_bytes": 2,
            "reports": 1,
        }
        assert (await server.queue.list_tasks()).tasks[1:] == before.tasks
        assert orphan.exists()
        assert await server.queue.records("report", key="cleanup_old_tasks") == []
        assert await server.done("cleanup_old_tasks") == told | {"dry_run": False}
    assert not orphan.parent.parent.exists()


async def test_reports_go_after_their_days_but_never_the_newest_of_a_name(tmp_path: Path, clock: MovingClock) -> None:
    server = Midnights(tmp_path, clock, keep_reports_days=10)
    async with server.running():
        for _ in range(12):
            await server.report()
            await server.done("cleanup_old_tasks")
            clock.advance(DAY)
        reports = await server.queue.records("report", key="daily_stats_report", limit=100)
        assert [clock.now() - report.created_at for report in reports] == [n * DAY for n in range(1, 12)]
        clock.advance(30 * DAY)
        await server.done("cleanup_old_tasks")
        assert await server.queue.records("report", key="daily_stats_report", limit=100) == reports[:1]


async def test_of_what_runs_often_the_newest_report_and_those_of_a_day_are_kept(
    server: Midnights, clock: MovingClock
) -> None:
    async with server.running():
        for _ in range(60):
            await server.done("cleanup_old_tasks")
            clock.advance(HOUR)
        kept = await server.queue.records("report", key="cleanup_old_tasks", limit=100)
    assert 24 <= len(kept) <= 26
    assert kept[0].revision == 60
