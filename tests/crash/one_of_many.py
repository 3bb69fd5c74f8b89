"""One of several processes on a file: it submits its share, runs what it can get, and keeps the schedules.

python -m tests.crash.one_of_many FOLDER SHARE
"""

import sys
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread

from mcp_tasks import TaskQueue, TaskScheduler, TaskWorker

SUBMITTERS = 8
EVERY_SECONDS = 1.0


async def count(n: int) -> int:
    """A small task that gives way once, as tasks do that wait for something."""
    await anyio.lowlevel.checkpoint()
    return n


async def strike() -> None:
    """What all processes schedule, and one at a time may enqueue."""


async def main(folder: Path, share: int) -> None:
    """Say each task that was acknowledged; run tasks until the end of stdin."""
    async with TaskQueue(folder / "tasks.db") as queue, TaskWorker(queue, 8), TaskScheduler(queue) as scheduler:
        await scheduler.schedule_interval("strike", strike, EVERY_SECONDS)
        numbers = iter(range(share))

        async def submit() -> None:
            for n in numbers:
                sys.stdout.write(f"{(await queue.enqueue(count, n)).id}\n")

        async with anyio.create_task_group() as group:
            for _ in range(SUBMITTERS):
                group.start_soon(submit)
        sys.stdout.write("all submitted\n")
        sys.stdout.flush()
        await anyio.to_thread.run_sync(sys.stdin.read)


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
