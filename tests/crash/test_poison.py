"""Poisonous process functions: each fails with its reason, and the worker that ran it goes on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from mcp_tasks import Task, TaskQueue, TaskWorker
from mcp_tasks.children import MEBIBYTE
from tests.crash import poison
from tests.crash.campaign import SECONDS, amount

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="deaths have other names there"),
]


async def outcome_of(path: Path, function: Callable[..., Any], **params: Any) -> Task:
    """What becomes of it, when a good task ran before and after it in the same worker."""
    async with TaskQueue(path) as queue, TaskWorker(queue, 2, max_processes=1):
        with anyio.fail_after(amount(short=25, long=300)):  # a gigabyte is copied several times before it is refused
            assert (await queue.wait((await queue.enqueue(poison.twice, 1)).id)).result == 2
            task = await queue.wait((await queue.enqueue(function, params=params)).id)
            assert (await queue.wait((await queue.enqueue(poison.twice, 2)).id)).result == 4
    return task


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize(
    ("function", "params", "kind", "words"),
    [
        (poison.segfault, {}, "ChildDied", "SIGSEGV"),
        (poison.leave_at_once, {}, "ChildDied", "3"),
        (poison.say_exit, {}, "SystemExit", "I am done with this"),
        (poison.loop_for_ever, {}, "TimeoutError", "not done after 0.5 s"),
        (poison.sleep_in_c, {}, "TimeoutError", "not done after 0.5 s"),
        (
            poison.return_too_much,
            {"size": amount(short=70, long=1_024) * MEBIBYTE},
            "NotSendable",
            "write it to a file",
        ),
    ],
)
async def test_a_poisonous_function_fails_with_its_reason_and_the_worker_lives(
    tmp_path: Path, function: Callable[..., Any], params: dict[str, Any], kind: str, words: str
) -> None:
    task = await outcome_of(tmp_path / "tasks.db", function, **params)
    assert task.status == "failed"
    assert task.error is not None
    assert task.error.type == kind
    assert words in task.error.message


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process to RLIMIT_AS")
async def test_a_function_that_eats_all_memory_fails_and_the_worker_lives(tmp_path: Path) -> None:
    task = await outcome_of(tmp_path / "tasks.db", poison.eat_memory, limit=512 * MEBIBYTE)
    assert task.status == "failed"
    assert task.error is not None
    assert task.error.type in {"MemoryError", "ChildDied"}


async def test_a_function_that_kills_its_process_is_tried_as_often_as_its_budget_says(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue, draw=lambda: 0.0):
        with anyio.fail_after(25):
            task = await queue.enqueue(poison.leave_at_once, max_retries=1)
            done = await queue.wait(task.id)
        assert (done.status, done.attempt, done.failures) == ("failed", 2, 2)
