"""Rows 3 and 4: from submission to completion, and from submission to the start of the function; against Huey."""

import random
import time
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import apsw

from benchmarks import huey_peer
from benchmarks.crowd import CROWD, crowd, noop
from benchmarks.measure import Effort, Line, Measured, NotMeasured, Stopwatch, in_turns, p50_ms
from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.sqlite.database import Database

_PEER = "Huey, SQLite with fsync"
_IDLE_SECONDS = (0.005, 0.03)


def throughput(folder: Path, effort: Effort) -> list[Line]:
    """Tasks that do nothing, submitted while they are carried out, until the last is durably completed."""
    lines: list[Line] = []
    for concurrency, gate in ((5, None), (100, 5.0)):
        what = f"submit to completed, concurrency {concurrency}"
        if not huey_peer.INSTALLED:
            lines.append(NotMeasured(what, "huey is not installed"))
            continue
        ours, *theirs = in_turns(
            folder,
            effort.rounds,
            partial(_queue_rate, concurrency=concurrency, n=effort.of(5000)),
            # Its threads compete for the file: for tasks that do nothing, one is sometimes the fastest.
            *(partial(_huey_rate, workers=workers, n=effort.of(1000)) for workers in (1, concurrency)),
        )
        lines.append(Measured(what, _PEER, "tasks/s", ours, max(theirs), gate, at_least=True))
    return lines


def pickup(folder: Path, effort: Effort) -> list[Line]:
    """One task at a time into an idle queue, at moments that nobody can foresee."""
    what = "pickup on an idle queue, p50"
    if not huey_peer.INSTALLED:
        return [NotMeasured(what, "huey is not installed")]
    n = effort.of(100)
    ours, theirs = in_turns(folder, effort.rounds, partial(_queue_pickup, n=n), partial(_huey_pickup, n=n))
    return [Measured(what, _PEER, "ms", ours, theirs, gate=0.3)]


def _queue_rate(folder: Path, *, concurrency: int, n: int) -> float:
    path = folder / "tasks.db"

    async def main() -> float:
        async with TaskQueue(path) as queue, TaskWorker(queue, concurrency):
            warm = n // 5
            await crowd(CROWD, warm, lambda i: queue.enqueue(noop, i))
            await _completed(path, warm)
            watch = Stopwatch()
            await crowd(CROWD, n, lambda i: queue.enqueue(noop, i))
            await _completed(path, warm + n)
            return n / watch.lap()

    return anyio.run(main)


async def _completed(path: Path, n: int) -> None:
    """Wait until so many tasks are completed, as an onlooker who disturbs nobody."""
    onlooker = cast(Database, apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY))
    while (onlooker.execute("SELECT sum(n) FROM counters WHERE status = 'completed'").get or 0) < n:  # noqa: ASYNC110
        await anyio.sleep(0.002)
    onlooker.close()


def _huey_rate(folder: Path, *, workers: int, n: int) -> float:
    with huey_peer.consumed(folder, workers) as queue:
        warm = n // 5
        for i in range(warm):
            queue.noop(i)
        queue.wait_completed(warm)
        watch = Stopwatch()
        for i in range(n):
            queue.noop(i)
        queue.wait_completed(warm + n)
        return n / watch.lap()


async def start_time(i: int) -> float:
    """When the function started, on the clock that all processes share."""
    return time.perf_counter()


def _queue_pickup(folder: Path, *, n: int) -> float:
    moments = random.Random(folder.name)

    async def main() -> float:
        waits: list[float] = []
        async with TaskQueue(folder / "tasks.db") as queue, TaskWorker(queue, 5):
            for i in range(n + 5):
                submitted = time.perf_counter()
                task = await queue.wait((await queue.enqueue(start_time, i)).id)
                assert isinstance(task.result, float)
                waits.append(task.result - submitted)
                await anyio.sleep(moments.uniform(*_IDLE_SECONDS))
        return p50_ms(waits[5:])

    return anyio.run(main)


def _huey_pickup(folder: Path, *, n: int) -> float:
    moments = random.Random(folder.name)
    waits: list[float] = []
    with huey_peer.consumed(folder, 5) as queue:
        for i in range(n + 5):
            submitted = time.perf_counter()
            started = queue.start_time(i)
            waits.append(started(blocking=True, backoff=1, max_delay=0.01) - submitted)
            time.sleep(moments.uniform(*_IDLE_SECONDS))
    return p50_ms(waits[5:])
