"""validate_kb as a task: it checks the knowledge when it has changed, and repeats what it found otherwise."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskScheduler, TaskWorker
from mcp_tasks.app import open_queue
from mcp_tasks.config import ScheduledTask
from mcp_tasks.functions import Registry
from mcp_tasks.predefined.checking import KnowledgeChecking
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.quotation.versions import KnowledgeVersions
from mcp_tasks.runtime import Runtime
from mcp_tasks.schedule import Trigger
from mcp_tasks.settings import Settings
from mcp_tasks.sqlite.hub import SCHEDULES
from tests.moving_clock import MovingClock
from tests.quotation.changing import make_older, set_price
from tests.quotation.damaging import LIST, put

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _running(folder: Path, **settings: Any) -> AsyncGenerator[TaskQueue]:
    """A process's queue with its worker."""
    read = Settings.read(data_dir=folder, **settings)
    async with Runtime(partial(open_queue, read), read).entered() as queue:
        yield queue


async def _checked(queue: TaskQueue) -> dict[str, Any]:
    """What the task says when the clock starts it."""
    with anyio.fail_after(25):
        await _planned(queue)
        task = await TaskScheduler(queue).run_now("validate_kb")
        done = await queue.wait(task.id)
    assert done.owner == "system"
    return done.result


async def _planned(queue: TaskQueue) -> None:
    """Wait until the scheduler has put it into the store."""
    with queue.store.subscribe(SCHEDULES) as changes:
        while "validate_kb" not in {schedule.name for schedule in await TaskScheduler(queue).get_scheduled_tasks()}:
            await changes.wait()


async def _reports(queue: TaskQueue) -> list[dict[str, Any]]:
    return [record.content for record in await queue.records("report", key="validate_kb")]


async def test_the_shipped_knowledge_has_no_errors_and_its_report_is_kept(tmp_path: Path) -> None:
    async with _running(tmp_path) as queue:
        found = await _checked(queue)

        assert (found["errors"], found["skipped"]) == (0, False)
        assert found["counts"]["price_changed"] == 8
        assert await _reports(queue) == [found]


async def test_what_has_not_changed_is_not_calculated_again_by_any_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _running(tmp_path) as queue:
        first = await _checked(queue)
        monkeypatch.setattr("mcp_tasks.predefined.checking._check", None)  # whoever calculates now fails
        second = await _checked(queue)
    async with _running(tmp_path) as queue:
        third = await _checked(queue)
        reports = await _reports(queue)

    assert second == third == first | {"skipped": True}
    assert reports == [first]


async def test_a_change_is_checked_and_a_report_is_kept_of_each(tmp_path: Path) -> None:
    async with _running(tmp_path) as queue:
        before = await _checked(queue)
        versions = KnowledgeVersions(tmp_path / "knowledge")
        versions.publish(set_price("51.15"), base=0, by="ana", what="a price", at=0)

        after = await _checked(queue)

        assert after["skipped"] is False
        changed = [finding["text"] for finding in after["findings"] if finding["code"] == "price_changed"]
        assert changed == ["ISDEC100 costs 51.15, +24.3 % against bmc-2026-08 of 2026-08-15"]
        assert await _reports(queue) == [after, before]


async def test_a_fault_that_somebody_wrote_into_the_version_in_force_is_found(tmp_path: Path) -> None:
    versions = KnowledgeVersions(tmp_path / "knowledge")
    versions.publish(set_price("41.16"), base=0, by="ana", what="a price", at=0)
    put(versions.current().folder / LIST, "rows.17.price", "0")

    async with _running(tmp_path) as queue:
        found = await _checked(queue)

    assert found["status"] == "errors"
    first = found["findings"][0]
    assert (first["code"], first["path"]) == ("price_not_positive", f"{LIST}#rows.17.price")


async def test_newer_data_of_the_package_that_a_version_hides_are_told_though_its_files_are_the_same(
    tmp_path: Path,
) -> None:
    versions = KnowledgeVersions(tmp_path / "knowledge")
    versions.publish(set_price("41.16"), base=0, by="ana", what="a price", at=0)
    async with _running(tmp_path) as queue:
        assert "package_has_changed" not in (await _checked(queue))["counts"]
    make_older(versions.current().folder)

    async with _running(tmp_path) as queue:
        found, again = await _checked(queue), await _checked(queue)

    assert (found["status"], found["skipped"], again["skipped"]) == ("warnings", False, True)
    (told,) = [finding for finding in found["findings"] if finding["code"] == "package_has_changed"]
    assert (told["path"], told["value"]) == ("version.json#packaged", "1")
    assert "mcp-tasks kb rollback" in told["text"]


async def test_of_many_faults_the_first_fifty_are_told_and_all_are_counted(tmp_path: Path) -> None:
    versions = KnowledgeVersions(tmp_path / "knowledge")
    versions.publish(set_price("41.16"), base=0, by="ana", what="a price", at=0)
    file = versions.current().folder / LIST
    content = json.loads(file.read_text(encoding="utf-8"))
    for row in content["rows"]:
        row["price"] = "0"
    file.write_text(json.dumps(content), encoding="utf-8")

    async with _running(tmp_path) as queue:
        found = await _checked(queue)

    assert found["counts"]["price_not_positive"] == len(content["rows"])
    assert len(found["findings"]) == 50


async def test_on_another_day_the_ages_are_looked_at_again_and_nothing_new_is_kept(
    tmp_path: Path, clock: MovingClock
) -> None:
    settings = Settings.read(data_dir=tmp_path)
    async with TaskQueue(settings.database, functions=Registry(), clock=clock) as queue, TaskWorker(queue):
        function = queue.functions.add(KnowledgeChecking(queue, QuotationTasks(settings, clock)).function())
        seen: list[dict[str, Any]] = []
        for hours in (0, 1, 24, 1):
            clock.advance(hours * 3600)
            task = await queue.enqueue(function.name)
            with anyio.fail_after(20):
                seen.append((await queue.wait(task.id)).result)

        assert [found["skipped"] for found in seen] == [False, True, False, True]
        assert seen[0]["counts"] == seen[2]["counts"]
        assert await _reports(queue) == seen[:1]


@pytest.mark.parametrize(
    ("said", "trigger"),
    [
        ({}, Trigger(every=300)),
        ({"validate_kb": ScheduledTask(daily_at=(6, 30), timezone="UTC")}, Trigger(cron="30 6 * * *")),
        ({"validate_kb": ScheduledTask(enabled=False)}, None),
    ],
    ids=["by default", "daily", "never"],
)
async def test_it_runs_every_five_minutes_unless_the_settings_say_otherwise(
    tmp_path: Path, said: dict[str, ScheduledTask], trigger: Trigger | None
) -> None:
    queue = open_queue(Settings.read(data_dir=tmp_path, scheduled_tasks=said))

    assert queue.functions.schedules()["validate_kb"] == trigger
