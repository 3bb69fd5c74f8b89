"""Our side of row 8: import, open, and the first task done."""

import sys

import anyio

from mcp_tasks import TaskQueue, TaskWorker


async def noop(i: int) -> int:
    """Nothing."""
    return i


async def main() -> None:
    """Submit, claim and finish one task."""
    async with TaskQueue(sys.argv[1]) as queue, TaskWorker(queue):
        task = await queue.wait((await queue.enqueue(noop, 1)).id)
        sys.stdout.write(f"{task.result}\n")
        sys.stdout.flush()


anyio.run(main)
