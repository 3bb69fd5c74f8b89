"""Row 6: several processes that submit into one file at the same time."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

import anyio

from benchmarks.child import calling, heed, tell
from benchmarks.crowd import CROWD, crowd, noop
from benchmarks.measure import Effort, Line, Measured, Stopwatch, in_turns, p99_ms
from mcp_tasks import TaskQueue


def contention(folder: Path, effort: Effort) -> list[Line]:
    """The worst process's 99th percentile of a submission, alone and with neighbours."""
    lines: list[Line] = []
    for submitters, n in ((1, effort.of(500)), (CROWD, effort.of(3000))):
        measures = [partial(_worst_p99, processes, submitters, n) for processes in (1, 2, 4)]
        one, *several = in_turns(folder, effort.rounds, *measures)
        for processes, p99 in zip((2, 4), several, strict=True):
            each = "one submitter each" if submitters == 1 else f"{submitters} submitters each"
            what = f"{processes} processes, {each}: worst p99 of a submit"
            lines.append(Measured(what, "one process", "ms", p99, one, gate=10))
    return lines


def _worst_p99(processes: int, submitters: int, n: int, folder: Path) -> float:
    path = folder / "tasks.db"
    with ExitStack() as stack:
        children = [
            stack.enter_context(calling("processes:submit_many", path, submitters, n)) for _ in range(processes)
        ]
        for child in children:
            child.hear()
        for child in children:
            child.say("go")
        return max(float(child.hear()) for child in children)


def submit_many(path: str, submitters: int, n: int) -> None:
    """Submit, after a line on stdin; say the 99th percentile in milliseconds. In its own process.

    It goes on until stdin ends, so that nobody's last submissions are measured without company.
    """

    async def main() -> None:
        laps: list[float] = []
        async with TaskQueue(path) as queue:

            async def submit(i: int) -> None:
                watch = Stopwatch()
                await queue.enqueue(noop, i)
                laps.append(watch.lap())

            await crowd(submitters, n // 5, submit)
            laps.clear()
            tell("ready")
            heed()
            await crowd(submitters, n, submit)
            tell(p99_ms(laps))
            with anyio.CancelScope() as company:
                async with anyio.create_task_group() as group:
                    group.start_soon(crowd, submitters, 1_000_000, submit)
                    await anyio.to_thread.run_sync(heed)
                    company.cancel()

    anyio.run(main)
