"""Rows 11 and 12: what a process holds after very many tasks, and what it costs while there is nothing to do."""

import sys
import time
from functools import partial
from pathlib import Path

import anyio

from benchmarks.child import calling, heed, resident_bytes, tell
from benchmarks.crowd import CROWD, crowd, noop
from benchmarks.measure import Effort, Line, Measured, NotMeasured, in_turns
from mcp_tasks import TaskQueue, TaskScheduler, TaskWorker

_SUBMITTED_AT_ONCE = 2_000


def memory_over_time(folder: Path, effort: Effort) -> list[Line]:
    """Resident memory after so many tasks were submitted and completed, against a tenth of them; one process."""
    many = max(20, effort.of(200_000))
    what = f"memory after {many:,} tasks"
    if not sys.platform.startswith("linux"):
        return [NotMeasured(what, "resident memory is read from /proc")]
    with calling("endurance:carry_out", folder / "tasks.db", many // 10, many) as child:
        early, late = float(child.hear()), float(child.hear())
    return [Measured(what, f"itself after {many // 10:,}", "MB", late, early, gate=1.1)]


def carry_out(path: str, few: int, many: int) -> None:
    """Submit and complete tasks; say how many megabytes are resident after `few`, and after `many`. Its own process."""

    async def main() -> None:
        async with TaskQueue(path) as queue, TaskWorker(queue, 100):
            done = 0
            for until in (few, many):
                while done < until:
                    n = min(_SUBMITTED_AT_ONCE, until - done)
                    await crowd(CROWD, n, partial(_submit_and_wait, queue))
                    done += n
                tell(resident_bytes() / 1e6)

    anyio.run(main)


async def _submit_and_wait(queue: TaskQueue, i: int) -> None:
    task = await queue.wait((await queue.enqueue(noop, i)).id)
    assert task.result == i


def idling(folder: Path, effort: Effort) -> list[Line]:
    """The share of one core that an open queue takes with a worker and a scheduler, when nothing happens."""
    (percent,) = in_turns(folder, effort.rounds, partial(_idle_percent, seconds=10 * effort.share))
    return [Measured("an idle process: queue, worker, scheduler", "itself, absolute", "% of a core", percent, None, 1)]


def _idle_percent(folder: Path, *, seconds: float) -> float:
    with calling("endurance:be_idle", folder / "tasks.db") as child:
        child.hear()
        time.sleep(min(1.0, seconds))  # whatever the start leaves behind
        child.say("begin")
        before = float(child.hear())
        time.sleep(seconds)
        child.say("end")
        return (float(child.hear()) - before) / seconds * 100


def be_idle(path: str) -> None:
    """Have all there is open, one schedule too; say at each line how much time we used. In its own process."""

    async def main() -> None:
        async with TaskQueue(path) as queue, TaskWorker(queue), TaskScheduler(queue) as scheduler:
            await scheduler.schedule_daily("tomorrow", noop, 2, params={"i": 1})
            await queue.wait((await queue.enqueue(noop, 1)).id)
            tell("ready")
            while await anyio.to_thread.run_sync(heed):
                tell(time.process_time())

    anyio.run(main)
