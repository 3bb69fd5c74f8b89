"""Rows 1 and 2: what it costs to make a task durable, alone and in a crowd."""

from functools import partial
from pathlib import Path

import anyio

from benchmarks.crowd import CROWD, crowd, noop
from benchmarks.measure import Effort, Line, Measured, Stopwatch, in_turns, p50_ms
from benchmarks.raw_table import RawTable
from mcp_tasks import TaskQueue


def lone_submit(folder: Path, effort: Effort) -> list[Line]:
    """One submitter, one task after the other."""
    n = effort.of(1000)
    ours, raw = in_turns(folder, effort.rounds, partial(_queue_p50, n=n), partial(_raw_p50, n=n))
    return [Measured("lone submit, p50", "raw apsw INSERT + COMMIT, FULL", "ms", ours, raw, gate=2.5)]


def crowded_submit(folder: Path, effort: Effort) -> list[Line]:
    """Many submitters at the same time. The raw table is as fast alone as it gets."""
    n = effort.of(10_000)
    ours, raw = in_turns(folder, effort.rounds, partial(_queue_rate, n=n), partial(_raw_rate, n=n // 2))
    what = f"{CROWD} concurrent submitters"
    return [Measured(what, "raw apsw, one commit each, FULL", "tasks/s", ours, raw, gate=5, at_least=True)]


def _queue_p50(folder: Path, *, n: int) -> float:
    async def main() -> float:
        async with TaskQueue(folder / "tasks.db") as queue:
            await crowd(1, n // 5, lambda i: queue.enqueue(noop, i))
            watch = Stopwatch()
            laps: list[float] = []
            for i in range(n):
                await queue.enqueue(noop, i)
                laps.append(watch.lap())
        return p50_ms(laps)

    return anyio.run(main)


def _raw_p50(folder: Path, *, n: int) -> float:
    table = RawTable(folder)
    for i in range(n // 5):
        table.insert(i)
    watch = Stopwatch()
    laps: list[float] = []
    for i in range(n):
        table.insert(i)
        laps.append(watch.lap())
    table.close()
    return p50_ms(laps)


def _queue_rate(folder: Path, *, n: int) -> float:
    async def main() -> float:
        async with TaskQueue(folder / "tasks.db") as queue:
            await crowd(CROWD, n // 5, lambda i: queue.enqueue(noop, i))
            watch = Stopwatch()
            await crowd(CROWD, n, lambda i: queue.enqueue(noop, i))
            return n / watch.lap()

    return anyio.run(main)


def _raw_rate(folder: Path, *, n: int) -> float:
    table = RawTable(folder)
    for i in range(n // 5):
        table.insert(i)
    watch = Stopwatch()
    for i in range(n):
        table.insert(i)
    seconds = watch.lap()
    table.close()
    return n / seconds
