"""Failures: forgiven as often as you say, recorded each time, and put back by hand in the end."""

from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.decorators import background_task
from mcp_tasks.errors import InvalidRequest, PermanentError, TaskNotRetryable
from mcp_tasks.task import Backoff

pytestmark = pytest.mark.anyio

AT_ONCE = Backoff(first=0.001)


async def test_a_failure_is_forgiven_as_often_as_you_say(tmp_path: Path) -> None:
    calls: list[int] = []

    @background_task(name="story_flaky", max_retries=2, backoff=AT_ONCE)
    async def flaky() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError("the supplier does not answer")
        return "answered"

    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        task = await queue.enqueue(flaky)
        done = [change async for change in queue.watch(task.id)][-1]
        assert (done.status, done.result, done.failures) == (TaskStatus.COMPLETED, "answered", 2)
        outcomes = [attempt.outcome for attempt in await queue.attempts(task.id)]
        assert outcomes == ["failed", "failed", "completed"]


async def test_a_function_can_say_that_no_retry_will_help(tmp_path: Path) -> None:
    async def quote() -> None:
        raise PermanentError("there is no such panel")

    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        failed = await queue.wait((await queue.enqueue(quote, max_retries=3)).id)
        assert failed.status is TaskStatus.FAILED
        assert failed.error is not None
        assert failed.error.message == "there is no such panel"


async def test_a_task_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    async def endless() -> None:
        await anyio.sleep_forever()

    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        failed = await queue.wait((await queue.enqueue(endless, timeout=0.05, max_retries=0)).id)
        assert failed.error is not None
        assert (failed.status, failed.error.type) == (TaskStatus.FAILED, "TimeoutError")


async def test_a_failed_task_can_be_put_back(tmp_path: Path) -> None:
    repaired = anyio.Event()

    async def fragile() -> str:
        if not repaired.is_set():
            raise PermanentError("broken")
        return "whole"

    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        task = await queue.enqueue(fragile)
        assert (await queue.wait(task.id)).status is TaskStatus.FAILED
        repaired.set()
        await queue.retry(task.id)
        assert (await queue.wait(task.id)).result == "whole"
        with pytest.raises(TaskNotRetryable, match="completed"):
            await queue.retry(task.id)


async def test_what_cannot_run_is_refused_at_once_and_not_stored(tmp_path: Path) -> None:
    async def cut(length_m: float) -> float:
        return length_m / 2

    async with TaskQueue(tmp_path / "tasks.db") as queue:
        with pytest.raises(InvalidRequest, match="valid number"):
            await queue.enqueue(cut, "long")
        with pytest.raises(InvalidRequest, match="did you mean 'length_m'"):
            await queue.enqueue(cut, lenght_m=3)
        assert await queue.size() == 0


async def test_a_task_can_be_cancelled_before_and_while_it_runs(tmp_path: Path) -> None:
    async def endless() -> None:
        await anyio.sleep_forever()

    async with TaskQueue(tmp_path / "tasks.db") as queue:
        waiting = await queue.enqueue(endless)
        assert (await queue.cancel(waiting.id)).status is TaskStatus.CANCELLED
        running = await queue.enqueue(endless)
        async with TaskWorker(queue):
            async for change in queue.watch(running.id):
                if change.status is TaskStatus.RUNNING:
                    await queue.cancel(running.id)
        assert (await queue.get_task(running.id)).status is TaskStatus.CANCELLED
