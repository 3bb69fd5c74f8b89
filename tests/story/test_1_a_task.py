"""A task: a function with parameters, stored first, run then, its result kept."""

from pathlib import Path

import pytest

from mcp_tasks import TaskPriority, TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.decorators import background_task, set_global_queue

pytestmark = pytest.mark.anyio


async def multiply(left: int, right: int) -> int:
    return left * right


@background_task(name="story_greet", priority=TaskPriority.HIGH, timeout=60)
async def greet(name: str) -> str:
    return f"Hello, {name}."


def lower(word: str) -> str:
    return word.lower()


async def test_what_you_enqueue_is_stored_at_once_and_waits(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        task = await queue.enqueue(multiply, 6, right=7)
        assert task.status is TaskStatus.PENDING
        assert task.params == {"left": 6, "right": 7}
        assert await queue.get_task(task.id) == task


async def test_a_worker_runs_it_and_its_result_stays(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue, max_concurrent_tasks=5):
        task = await queue.enqueue(multiply, 6, 7)
        done = await queue.wait(task.id)
        assert (done.status, done.result) == (TaskStatus.COMPLETED, 42)


async def test_a_decorated_function_is_called_and_gives_a_task(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        set_global_queue(queue)
        task = await greet("Ana")
        assert (task.priority, task.timeout) == (TaskPriority.HIGH, 60)
        assert (await queue.wait(task.id)).result == "Hello, Ana."


async def test_plain_functions_run_too_in_a_thread(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        task = await queue.enqueue(lower, "ISODEC")
        assert (await queue.wait(task.id)).result == "isodec"


async def test_tasks_outlive_their_queue_object(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        task = await queue.enqueue(multiply, 6, 7)

    async with TaskQueue(tmp_path / "tasks.db") as queue:
        queue.function_of(multiply)  # a program that starts anew says again which functions it has
        async with TaskWorker(queue):
            assert (await queue.wait(task.id)).result == 42
