"""The command line as people use it: a process of its own, on a data folder."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from mcp_tasks import NeedsAnswers, Question, Task, TaskContext, TaskPriority, TaskQueue, TaskWorker
from mcp_tasks.errors import PermanentError
from mcp_tasks.functions import Registry

COMMAND = [sys.executable, "-m", "mcp_tasks"]


@dataclass(frozen=True)
class Said:
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def mcp_tasks(*arguments: str | Path, **environment: str) -> Said:
    """Run `mcp-tasks` to its end; `environment` is added to ours."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=environment_with(**environment),
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def environment_with(**more: str) -> dict[str, str]:
    """This environment without settings of ours, in UTF-8, and `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MCP_TASKS_")}
    return {**kept, "PYTHONUTF8": "1", **more}


async def add(left: int, right: int) -> int:
    return left + right


async def write_report(topic: str, context: TaskContext) -> str:
    context.progress(1, 1, "written")
    context.artifact("report.txt").write_text(topic)
    return f"a report about {topic}"


async def look_up(context: TaskContext) -> None:
    raise PermanentError("the file is \x1b[2Jgone")


async def ask(context: TaskContext) -> None:
    raise NeedsAnswers(Question("colour", "Which colour?"))


@dataclass(frozen=True)
class Folder:
    """A data folder with a task in each status that lasts, oldest first."""

    path: Path
    completed: Task
    failed: Task
    asking: Task
    cancelled: Task
    delayed: Task

    def now(self, task: Task) -> Task:
        """The task as it is now."""
        return in_queue(self.path, lambda queue: queue.get_task(task.id))


def filled(path: Path) -> Folder:
    """Make a data folder in which tasks have run."""

    async def fill() -> Folder:
        async with TaskQueue(path / "tasks.db", functions=Registry()) as queue:
            async with TaskWorker(queue):
                completed = await queue.enqueue(write_report, "roofs")
                failed = await queue.enqueue(look_up)
                asking = await queue.enqueue(ask)
                for task in (completed, failed, asking):
                    await queue.wait(task.id)
            cancelled = await queue.enqueue(add, 1, 2)
            await queue.cancel(cancelled.id)
            delayed = await queue.enqueue(add, 3, 4, delay=7200, priority=TaskPriority.HIGH)
            return Folder(path, completed, failed, asking, cancelled, delayed)

    return anyio.run(fill)


def in_queue(path: Path, use: Callable[[TaskQueue], Any]) -> Any:
    """Use the queue of a data folder."""

    async def run() -> Any:
        async with TaskQueue(path / "tasks.db", functions=Registry()) as queue:
            return await use(queue)

    return anyio.run(run)
