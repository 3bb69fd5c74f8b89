"""Somebody sets the machine's time, again and again: each schedule fires when it should, for each due time once.

Two processes look at the same schedules. What should fire is worked out beside them, from the zones alone.
"""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskScheduler
from mcp_tasks.functions import task_function
from mcp_tasks.schedule import CORRECTION_SECONDS
from mcp_tasks.task import Completed
from tests.claiming import Hand
from tests.crash.campaign import SECONDS, SEED, amount, say
from tests.moving_clock import MovingClock
from tests.scheduler.due_times import CHANGES, CRONS, DAY, Cron

pytestmark = pytest.mark.anyio

ROUNDS = amount(short=1, long=10)
STEPS = amount(short=60, long=400)
HOUR, YEAR = 3_600.0, 365 * DAY
INTERVALS = [60.0, HOUR, DAY]
PASSING = [1.0, 20.0, 300.0, 1_800.0, HOUR, 7 * HOUR, DAY]


@dataclass
class ByCalendar:
    """What a cron schedule should have done."""

    cron: Cron
    zone: str
    seen: float
    floor: float  # up to here every due time is done with
    last: float | None = None  # the due time of the last run
    skipped: float | None = None
    ran: list[float] = field(default_factory=list[float])

    def look(self, now: float) -> bool:
        """Fire once if anything became due since the last look."""
        if now < self.seen:
            self._set_back(now)
        self.seen = now
        due = next((d for d in self.cron.after(self.floor, self.zone) if d != self.skipped), now + 1)
        self.floor = max(self.floor, now)
        if due > now:
            return False
        self.last, self.skipped = due, None
        self.ran.append(due)
        return True

    def _set_back(self, now: float) -> None:
        if self.last is not None and now < self.last <= now + CORRECTION_SECONDS:
            self.floor = min(self.floor, self.last)
        elif now < self.floor:
            self.floor, self.skipped = now, self.last


@dataclass
class ByInterval:
    """What an interval schedule should have done."""

    every: float
    following: float
    last: float | None = None
    ran: list[float] = field(default_factory=list[float])

    def look(self, now: float) -> bool:
        """Fire once when it is time, however long it has been; never be further away than one interval."""
        if self.following > now:
            self.following = min(self.following, now + self.every)
            return False
        self.last = self.following
        self.ran.append(now)
        self.following += ((now - self.following) // self.every + 1) * self.every
        return True


async def tick() -> None:
    """What all schedules run."""


@asynccontextmanager
async def two_queues(path: Path, clock: MovingClock) -> AsyncGenerator[list[TaskQueue]]:
    """Two processes with the file open."""
    async with TaskQueue(path, clock=clock) as one, TaskQueue(path, clock=clock) as two:
        for queue in (one, two):
            queue.functions.add(task_function(tick))
        yield [one, two]


class Campaign:
    """The schedules of one file, and what they should have done."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        self._path = path
        self._rng = rng
        zone = rng.choice(list(CHANGES))
        day = datetime.fromisoformat(rng.choice(CHANGES[zone])).replace(tzinfo=ZoneInfo(zone))
        self.clock = MovingClock(day.timestamp() + rng.randrange(int(DAY)))
        self.expected: dict[str, ByCalendar | ByInterval] = {}

    async def plan(self) -> None:
        """Every expression, each in some zone, and the intervals."""
        now = self.clock.now()
        async with two_queues(self._path, self.clock) as (queue, _):
            scheduler = TaskScheduler(queue)
            for n, cron in enumerate(CRONS):
                zone = self._rng.choice(list(CHANGES))
                await scheduler.schedule_cron(f"cron {n}", "tick", cron.expression, timezone=zone)
                self.expected[f"cron {n}"] = ByCalendar(cron, zone, now, now)
            for every in INTERVALS:
                await scheduler.schedule_interval(f"every {every}", "tick", every)
                self.expected[f"every {every}"] = ByInterval(every, now + every)

    async def live(self, steps: int, jumps: list[float]) -> None:
        """Time passes, and in every third step somebody sets the clock; now and then all processes start anew.

        `jumps` are how far from the true time the clock may go.
        """
        off = 0.0
        while steps > 0:
            async with two_queues(self._path, self.clock) as queues:
                for _ in range(min(steps, self._rng.randrange(5, 50))):
                    steps -= 1
                    if self._rng.randrange(3):
                        self.clock.advance(self._rng.choice(PASSING))
                    else:
                        to = self._rng.choice(jumps)
                        self.clock.jump(to - off)
                        off = to
                    await self._look(queues)

    async def _look(self, queues: list[TaskQueue]) -> None:
        schedulers = [TaskScheduler(queue) for queue in queues]
        async with anyio.create_task_group() as group:
            for scheduler in schedulers:
                group.start_soon(scheduler.fire_due)
        now = self.clock.now()
        fired = {name for name, one in self.expected.items() if one.look(now)}
        for stored in await schedulers[0].get_scheduled_tasks():
            one = self.expected[stored.name]
            assert (stored.runs, stored.last_due) == (len(one.ran), one.last), f"{stored.name} at {now}: {one}"
        hand = Hand(queues[0])
        claims = await hand.claim()
        assert len(claims) == len(fired), "not one task for each run"
        for claim in claims:
            await queues[0].store.finish(claim, Completed("null"), None)


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize(
    ("jumps", "again"),
    [
        pytest.param([0.0, HOUR, -HOUR], False, id="an hour"),
        pytest.param([0.0, HOUR, -HOUR, YEAR, -YEAR], True, id="an hour or a year"),
    ],
)
async def test_whoever_sets_the_clock_schedules_fire_when_due_and_once(
    tmp_path: Path, jumps: list[float], again: bool
) -> None:
    runs = 0
    for n in range(ROUNDS):
        campaign = Campaign(tmp_path / f"{n}.db", random.Random(SEED + n))
        say(f"seed {SEED + n}: {STEPS} steps")
        await campaign.plan()
        await campaign.live(STEPS, jumps)
        for one in campaign.expected.values():
            runs += len(one.ran)
            if isinstance(one, ByCalendar) and not again:
                assert len(set(one.ran)) == len(one.ran), "twice for one due time"
    say(f"{runs} runs")
    assert runs > ROUNDS * STEPS
