"""A model reads what the tasks that run by the clock did last."""

import re
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskScheduler, TaskWorker
from mcp_tasks.sqlite.hub import SCHEDULES
from tests.server.serving import ROOF, ask, in_this_process, opened, refused, text_of, until

pytestmark = pytest.mark.anyio

NAMES = ["cleanup_old_tasks", "daily_stats_report", "validate_kb", "sync_prices"]


async def planned(queue: TaskQueue, *names: str) -> None:
    """Wait until the server has put its schedules into the store."""
    with anyio.fail_after(20), queue.store.subscribe(SCHEDULES) as changes:
        while not {*names} <= {schedule.name for schedule in await queue.store.schedules()}:
            await changes.wait()


async def run(queue: TaskQueue, schedule: str) -> None:
    """Run a schedule's task now, to its end."""
    await planned(queue, schedule)
    task = await TaskScheduler(queue).run_now(schedule)
    with anyio.fail_after(20):
        await until(queue, [task.id], lambda task: task.is_finished)


async def test_before_the_first_run_it_says_when_the_next_one_comes(folder: Path) -> None:
    async with in_this_process(folder, run_worker=False) as client, opened(folder) as queue:
        await planned(queue, "daily_stats_report")
        answer = await client.call_tool("task_report", {"name": "daily_stats_report"})

    report = answer.structured_content
    assert report is not None
    assert (report["at"], report["result"], report["task_id"]) == (None, None, None)
    assert report["next_run"].endswith("T03:00:00Z")  # midnight in Montevideo
    assert "todavía no hay ningún informe" in text_of(answer)
    assert re.search(r"Próxima vez: \d\d/\d\d/20\d\d 00:00\.$", text_of(answer))


async def test_the_last_results_are_read_from_the_record(folder: Path) -> None:
    async with in_this_process(folder, language="en") as client, opened(folder) as queue:
        for name in ("cleanup_old_tasks", "daily_stats_report", "daily_stats_report"):
            await run(queue, name)
        cleanup = await client.call_tool("task_report", {"name": "Cleanup_Old_Tasks"})
        daily = await client.call_tool("task_report", {"name": "daily_stats_report"})

    assert cleanup.structured_content is not None
    assert cleanup.structured_content["result"]["dry_run"] is False
    assert cleanup.structured_content["task_id"] is None  # the clock's tasks are not the caller's
    assert daily.structured_content is not None
    assert daily.structured_content["result"]["quotations"]["quotations"] == 0
    assert "Quotations: 0; 0.00 m², US$ 0.00 VAT included." in text_of(daily)
    assert "Deleted: tasks 0, files 0, reports 0; 0.0 MB freed." in text_of(cleanup)
    assert len(text_of(daily)) < 600


async def test_a_name_without_reports_is_answered_and_another_is_refused(folder: Path) -> None:
    async with in_this_process(folder) as client:
        report = await ask(client, "task_report", name="sync_prices")
        assert (report["at"], report["result"], report["next_run"]) == (None, None, None)
        error = await refused(client, "task_report", name="daily_stats")
    assert (error["field"], error["allowed"], error["nearest"]) == ("name", NAMES, "daily_stats_report")


async def test_what_keeps_no_report_is_read_from_its_last_task_if_it_is_the_callers(folder: Path) -> None:
    async def sync_prices(undone: str) -> dict[str, str]:
        return {"mode": "rollback", "version": "2", "undone": undone}

    async with in_this_process(folder, run_worker=False) as client, opened(folder) as queue:
        mine = await completed(queue, sync_prices, "plan", "local")
        await completed(queue, sync_prices, "apply", "somebody else")
        report = await ask(client, "task_report", name="sync_prices")

    assert (report["result"]["undone"], report["task_id"]) == ("plan", mine)


async def test_a_run_that_found_nothing_new_is_the_last_one_too(folder: Path) -> None:
    async with in_this_process(folder) as client, opened(folder) as queue:
        await run(queue, "validate_kb")
        first = await ask(client, "task_report", name="validate_kb")
        await run(queue, "validate_kb")
        second = await ask(client, "task_report", name="validate_kb")
        kept = await queue.records("report", key="validate_kb")

    assert (first["result"]["skipped"], second["result"]["skipped"]) == (False, True)
    assert second["result"] == first["result"] | {"skipped": True}
    assert len(kept) == 1


async def completed(queue: TaskQueue, function: Callable[[str], object], mode: str, owner: str) -> str:
    """The id of a task that a worker of ours completed."""
    async with TaskWorker(queue):
        return (await queue.wait((await queue.enqueue(function, mode, owner=owner)).id)).id


async def test_looking_makes_no_task(folder: Path) -> None:
    async with in_this_process(folder) as client:
        await ask(client, "submit_bom", request=ROOF)
        before = await ask(client, "task_list")
        for name in NAMES:
            await ask(client, "task_report", name=name)
        assert await ask(client, "task_list") == before
