"""Tasks can be watched, waited for, listed, cancelled and tried again."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError

from mcp_tasks import Task, TaskQueue, TaskScheduler
from tests.server.serving import ROOF, ask, in_this_process, opened, refused, text_of, until
from tests.server.slow_server import fail, wait_for_file

pytestmark = pytest.mark.anyio


async def _started(queue: TaskQueue, gate: Path, **options: Any) -> Task:
    """A task that runs, and has said so, until the test makes the file `gate`."""
    task = await queue.enqueue(wait_for_file, str(gate), str(gate.with_suffix(".diary")), **options)
    with anyio.fail_after(10):
        (task,) = await until(queue, [task.id], lambda t: t.progress is not None)
    return task


async def test_a_running_task_tells_how_far_it_is_and_when_to_ask_again(
    client: Client, outside: TaskQueue, tmp_path: Path
) -> None:
    task = await _started(outside, tmp_path / "gate")
    answer = await client.call_tool("task_status", {"task_id": task.id})
    (tmp_path / "gate").touch()

    view = answer.structured_content
    assert view is not None
    assert (view["status"], view["attempt"], view["poll_after_seconds"]) == ("running", 1, 2)
    assert view["progress"] == {"done": 1, "total": 2, "message": "half way"}
    assert (view["result"], view["finished_at"], view["queue_position"]) == (None, None, None)
    assert "attempts" not in view
    assert "half way (1/2)" in text_of(answer)


async def test_waiting_for_a_task_ends_when_the_task_does(client: Client, outside: TaskQueue, tmp_path: Path) -> None:
    task = await _started(outside, tmp_path / "gate")
    views: list[dict[str, Any]] = []

    async def wait() -> None:
        views.append(await ask(client, "task_status", task_id=task.id, wait_seconds=30, include_attempts=True))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await ask(client, "task_stats")  # the client is served while it waits
            (tmp_path / "gate").touch()

    assert (views[0]["status"], views[0]["result"]) == ("completed", "done")
    assert views[0]["poll_after_seconds"] is None
    assert views[0]["created_at"] <= views[0]["started_at"] <= views[0]["finished_at"]
    assert views[0]["started_at"].endswith("Z")
    assert [(a["attempt"], a["outcome"], a["error"]) for a in views[0]["attempts"]] == [(1, "completed", None)]


async def test_a_running_task_is_cancelled_and_a_second_cancel_says_the_same(
    client: Client, outside: TaskQueue, tmp_path: Path
) -> None:
    task = await _started(outside, tmp_path / "gate")
    first = await ask(client, "task_cancel", task_id=task.id)
    assert first["cancel_requested"] is True

    ended = await ask(client, "task_status", task_id=task.id, wait_seconds=30)
    assert (ended["status"], ended["error"]) == ("cancelled", None)
    assert (await ask(client, "task_cancel", task_id=task.id))["status"] == "cancelled"


async def test_a_waiting_task_is_cancelled_at_once_and_can_be_tried_again(client: Client) -> None:
    delayed = await ask(client, "submit_bom", request=ROOF, delay_seconds=600)
    cancelled = await ask(client, "task_cancel", task_id=delayed["task_id"])
    again = await ask(client, "task_retry", task_id=delayed["task_id"])
    ended = await ask(client, "task_status", task_id=delayed["task_id"], wait_seconds=30)

    assert (delayed["status"], delayed["poll_after_seconds"]) == ("pending", 60)
    assert cancelled["status"] == "cancelled"
    assert again["status"] in {"pending", "running"}
    assert ended["status"] == "completed"


async def test_what_is_finished_can_be_neither_cancelled_nor_tried_again(client: Client) -> None:
    done = await ask(client, "submit_bom", request=ROOF)

    assert (await refused(client, "task_cancel", task_id=done["task_id"]))["code"] == "task_already_finished"
    assert (await refused(client, "task_retry", task_id=done["task_id"]))["code"] == "task_not_retryable"


async def test_the_status_of_a_failed_task_is_an_answer_with_its_reason(client: Client, outside: TaskQueue) -> None:
    task = await outside.enqueue(fail, forgivable=False)
    answer = await client.call_tool("task_status", {"task_id": task.id, "wait_seconds": 30, "include_attempts": True})

    assert not answer.is_error
    view = answer.structured_content
    assert view is not None
    error = {"type": "PermanentError", "message": "it cannot be done", "retryable": False}
    assert (view["status"], view["error"], view["failures"]) == ("failed", error, 1)
    assert [(a["outcome"], a["error"]) for a in view["attempts"]] == [("failed", error)]
    assert "it cannot be done" in text_of(answer)


async def test_a_task_that_will_be_tried_again_is_not_waited_for_beyond_its_time(
    client: Client, outside: TaskQueue
) -> None:
    task = await outside.enqueue(fail, forgivable=True)
    with anyio.fail_after(10):
        await until(outside, [task.id], lambda t: t.failures > 0)
    view = await ask(client, "task_status", task_id=task.id, wait_seconds=0.1)

    assert (view["status"], view["poll_after_seconds"]) == ("retrying", 2)
    assert view["error"] == {"type": "RuntimeError", "message": "not this time", "retryable": True}


async def test_a_list_is_paged_newest_first_without_results(client: Client) -> None:
    made = [
        (await ask(client, "submit_bom", request=ROOF | {"width_m": n}, delay_seconds=600))["task_id"]
        for n in range(1, 6)
    ]
    seen: list[str] = []
    cursor: str | None = None
    for n in (2, 2, 1):
        page = await ask(client, "task_list", limit=n, cursor=cursor, status="Pending", name="calculate_bom")
        seen += [task["task_id"] for task in page["tasks"]]
        cursor = page["next_cursor"]
        assert all("result" not in task for task in page["tasks"])

    assert seen == made[::-1]


async def test_files_are_listed_with_their_task(client: Client) -> None:
    made = await ask(client, "submit_quotation", request=ROOF, client={"name": "Ana"})
    page = await ask(client, "task_list", name="make_quotation")

    listed = next(task for task in page["tasks"] if task["task_id"] == made["task_id"])
    assert listed["artifacts"] == made["artifacts"]


async def test_tasks_of_another_owner_are_as_if_they_did_not_exist(client: Client, outside: TaskQueue) -> None:
    task = await outside.enqueue(fail, forgivable=False, owner="somebody else")

    for tool in ("task_status", "task_cancel", "task_retry"):
        missing = await refused(client, tool, task_id="f" * 32)
        error = await refused(client, tool, task_id=task.id)
        assert error["message"].replace(task.id, "f" * 32) == missing["message"]
    listed = (await ask(client, "task_list", limit=100))["tasks"]
    assert task.id not in {t["task_id"] for t in listed}
    with pytest.raises(MCPError, match="there is no task"):
        await client.read_resource(f"artifact://{task.id}/quotation.pdf")


async def test_a_pdf_is_only_made_of_a_finished_calculation(client: Client, outside: TaskQueue) -> None:
    waiting = await ask(client, "submit_bom", request=ROOF, delay_seconds=600)
    other = await outside.enqueue(fail, forgivable=False)

    for task_id, reason in ((waiting["task_id"], "not completed"), (other.id, "not a calculate_bom")):
        error = await refused(client, "submit_pdf", bom_task_id=task_id, client={"name": "Ana"})
        assert (error["code"], error["field"], error["received"]) == ("invalid_request", "bom_task_id", task_id)
        assert reason in error["message"]


async def test_the_numbers_count_what_was_done(client: Client) -> None:
    await ask(client, "submit_bom", request=ROOF)
    before = await ask(client, "task_stats")
    await ask(client, "submit_bom", request=ROOF)
    after = await ask(client, "task_stats")

    assert after["by_name"]["calculate_bom"]["completed"] == before["by_name"]["calculate_bom"]["completed"] + 1
    assert after["counts"]["completed"] == sum(counts["completed"] for counts in after["by_name"].values())
    for counts in (after["counts"], *after["by_name"].values()):
        assert counts["total"] == sum(n for status, n in counts.items() if status != "total")
    assert after["wait_seconds"].keys() == after["run_seconds"].keys() == {"p50", "p95"}
    assert after["workers"] == 1
    schedules = {schedule["name"]: (schedule["trigger"], schedule["enabled"]) for schedule in after["schedules"]}
    assert schedules["cleanup_old_tasks"] == ("every 3600 s", True)
    assert schedules["validate_kb"] == ("every 300 s", True)
    assert schedules["daily_stats_report"] == ("cron 0 0 * * * (America/Montevideo)", True)


async def test_old_tasks_go_with_their_files_when_the_hour_comes(folder: Path) -> None:
    async with in_this_process(folder, keep_finished_hours=1e-9) as client, opened(folder) as queue:
        made = await ask(client, "submit_quotation", request=ROOF, client={"name": "Ana"})
        assert len(list(folder.rglob("*.pdf"))) == 1

        cleaning = await TaskScheduler(queue).run_now("cleanup_old_tasks")
        with anyio.fail_after(10):
            (done,) = await until(queue, [cleaning.id], lambda t: t.is_finished)

        size = sum(artifact["bytes"] for artifact in made["artifacts"])
        facts = {"dry_run": False, "tasks": 1, "files": 2, "bytes": size}
        assert done.result | facts == done.result
        assert (await refused(client, "task_status", task_id=made["task_id"]))["code"] == "task_not_found"
        assert list(folder.rglob("*.pdf")) == []
