"""A process that submits, runs and finishes tasks until it is killed. It says on stdout what was acknowledged.

python -m tests.crash.program FOLDER SEED
"""

import random
import sys
from pathlib import Path

import anyio

from mcp_tasks import TaskContext, TaskQueue, TaskWorker
from mcp_tasks.decorators import background_task
from mcp_tasks.task import Backoff

AT_ONCE = Backoff(first=0.001, cap=0.001)


@background_task(max_retries=100, backoff=AT_ONCE)
async def add(a: int, b: int) -> int:
    """Nothing but a result."""
    return a + b


@background_task(max_retries=100, backoff=AT_ONCE)
async def write(text: str, ctx: TaskContext) -> int:
    """A result with a file."""
    ctx.progress(1, 2)
    return ctx.artifact("note.txt").write_text(text, encoding="utf-8")


@background_task(max_retries=100, backoff=AT_ONCE)
async def fail_first(ctx: TaskContext) -> str:
    """Succeeds at the second attempt."""
    if ctx.attempt == 1:
        raise ValueError("not yet")
    return "ok"


async def main(folder: Path, seed: int) -> None:
    """Submit from four tasks at once, and run what is there with a worker of eight."""
    rng = random.Random(seed)
    async with TaskQueue(folder / "tasks.db") as queue, TaskWorker(queue, 8), anyio.create_task_group() as group:

        async def submit_for_ever() -> None:
            while True:
                n = rng.randrange(1_000_000)
                kind = n % 4
                if kind == 0:
                    task = await queue.enqueue(write, f"note {n}")
                elif kind == 1:
                    task = await queue.enqueue(fail_first)
                else:
                    task = await queue.enqueue(add, n, 1)
                sys.stdout.write(f"{task.id}\n")
                sys.stdout.flush()

        for _ in range(4):
            group.start_soon(submit_for_ever)


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
