"""A process whose one task begins, says so, and goes on when somebody opens the pipe for it.

python -m tests.crash.stopped FOLDER PIPE
"""

import sys
from pathlib import Path

import anyio
import anyio.to_thread

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.decorators import background_task

LEASE_SECONDS = 0.5
THEIRS: list[Path] = []  # the pipe, in the process that will be stopped


@background_task(run_in="thread")
def say_who() -> str:
    """Which process ran this."""
    if not THEIRS:
        return "ours"
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    with THEIRS[0].open() as pipe:
        return pipe.readline()


async def main(folder: Path, pipe: Path) -> None:
    """Run the task, until the end of stdin."""
    THEIRS.append(pipe)
    async with TaskQueue(folder / "tasks.db", lease_seconds=LEASE_SECONDS) as queue, TaskWorker(queue):
        await queue.enqueue(say_who)
        await anyio.to_thread.run_sync(sys.stdin.read)


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), Path(sys.argv[2]))
