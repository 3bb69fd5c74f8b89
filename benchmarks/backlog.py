"""Rows 5 and 7: a million pending tasks must not be felt, neither by a claim nor in memory."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import apsw

from benchmarks.child import calling, resident_bytes, tell
from benchmarks.crowd import noop
from benchmarks.measure import Effort, Line, Measured, NotMeasured, Stopwatch, in_turns, p50_ms
from mcp_tasks import TaskQueue
from mcp_tasks.slots import Slots
from mcp_tasks.sqlite.database import Database
from mcp_tasks.task import Claim
from mcp_tasks.wake import current_wake

# Through the tables with their indexes and triggers, but in one statement: a million calls of submit would take
# minutes and leave the same rows.
_FILL = """
WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?)
INSERT INTO tasks (id, name, params, priority, status, ready, turn, owner, created_at, run_at, max_retries)
SELECT lower(hex(randomblob(16))), 'noop', '{"i":' || i || '}', 1 + i % 4, 'pending', 1, i, 'owner-' || (i % 10),
       1e9 + i, 1e9 + i, 3
FROM numbers
"""
_CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"


def backlog(folder: Path, effort: Effort) -> list[Line]:
    """Files with few and with very many pending tasks, filled by one SQL statement that fires the triggers."""
    few, many = max(10, effort.of(1_000_000) // 100), effort.of(1_000_000)
    small, large = _filled(folder / "few", few), _filled(folder / "many", many)
    n = max(2, min(few // 10, 200))
    at_many, at_few = in_turns(
        folder, effort.rounds, lambda _: _claim_p50(large, n), lambda _: _claim_p50(small, n)
    )  # fmt: skip
    claim = Measured(
        f"claim at {many:,} pending, p50", f"ours at {few:,}", "ms", at_many, at_few, gate=1.3
    )  # fmt: skip
    return [claim, _memory(folder, effort, (few, small), (many, large), n)]


def _memory(folder: Path, effort: Effort, few: tuple[int, Path], many: tuple[int, Path], n: int) -> Line:
    """How much more memory a process holds that has opened and used the larger queue."""
    what = f"memory per pending task at {many[0]:,}"
    if not sys.platform.startswith("linux"):
        return NotMeasured(what, "resident memory is read from /proc")
    large, small = in_turns(folder, effort.rounds, partial(_resident, many[1], n), partial(_resident, few[1], n))
    return Measured(what, "itself, absolute", "B", (large - small) / (many[0] - few[0]), None, gate=32)


def _filled(folder: Path, n: int) -> Path:
    folder.mkdir()
    path = folder / "tasks.db"

    async def make() -> None:
        async with TaskQueue(path) as queue:
            await queue.stats()

    anyio.run(make)
    connection = cast(Database, apsw.Connection(str(path)))
    connection.execute("PRAGMA synchronous = OFF").fetchall()
    connection.execute(_FILL, (n,)).fetchall()
    connection.execute(_CHECKPOINT).fetchall()
    connection.close()
    return path


class _Hand:
    """A worker's intake with one place, which is given back without running anything."""

    def __init__(self, queue: TaskQueue) -> None:
        self._queue = queue
        self.slots = Slots(1, {"noop": 1})
        self.wake = current_wake()

    def receive(self, claims: Sequence[Claim]) -> None:
        """Nothing is claimed at submission here."""

    async def claim(self) -> None:
        """Claim one task durably."""
        claims, _ = await self._queue.store.claim(self)
        (claim,) = claims
        self.slots.give(claim.name)


def _claim_p50(path: Path, n: int) -> float:
    async def main() -> float:
        laps: list[float] = []
        async with TaskQueue(path) as queue:
            await queue.stats()
            hand = _Hand(queue)
            await hand.claim()
            watch = Stopwatch()
            for _ in range(n):
                await hand.claim()
                laps.append(watch.lap())
        return p50_ms(laps)

    return anyio.run(main)


def _resident(path: Path, n: int, _: Path) -> float:
    with calling("backlog:use_and_weigh", path, n) as child:
        return float(child.hear())


def use_and_weigh(path: str, n: int) -> None:
    """Open the queue, submit, claim, list and count; then say how many bytes are resident. In its own process."""

    async def main() -> None:
        async with TaskQueue(path) as queue:
            hand = _Hand(queue)
            for i in range(n):
                await queue.enqueue(noop, i)
                await hand.claim()
            await queue.list_tasks(limit=100)
            await queue.stats()
            tell(resident_bytes())

    anyio.run(main)
