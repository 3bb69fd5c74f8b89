"""Somebody sets the machine's time while tasks run and wait: what lasts so long lasts so long."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.sqlite.claim import reclaim_expired
from mcp_tasks.task import Completed, Failed, TaskError
from tests.claiming import Hand
from tests.moving_clock import MovingClock, SetClock

pytestmark = pytest.mark.anyio

HOUR, YEAR = 3_600.0, 365 * 86_400.0
every_jump = pytest.mark.parametrize(
    "jump",
    [
        pytest.param(HOUR, id="an hour ahead"),
        pytest.param(-HOUR, id="an hour back"),
        pytest.param(YEAR, id="a year ahead"),
        pytest.param(-YEAR, id="a year back"),
    ],
)
set_back = pytest.mark.parametrize("by", [pytest.param(HOUR, id="an hour"), pytest.param(YEAR, id="a year")])


@pytest.fixture
def set_clock() -> SetClock:
    """The machine's clock, which a test may set."""
    return SetClock()


@pytest.fixture
async def real_queue(tmp_path: Path, set_clock: SetClock, anyio_backend: str) -> AsyncIterator[TaskQueue]:
    """A queue on the machine's clock."""
    async with TaskQueue(tmp_path / "real.db", clock=set_clock) as queue:
        yield queue


async def wait_for_ever() -> None:
    await anyio.sleep_forever()


async def answer() -> int:
    return 42


@every_jump
async def test_a_claim_lasts_as_long_as_its_lease(queue: TaskQueue, clock: MovingClock, jump: float) -> None:
    task = await queue.enqueue(answer)
    claim = await Hand(queue).claim_one()
    clock.jump(jump)
    clock.advance(29)
    await queue.store.write_schedule(reclaim_expired)
    await queue.store.finish(claim, Completed("42"), None)
    assert (await queue.get_task(task.id)).result == 42


@every_jump
async def test_a_lease_that_is_over_is_over(queue: TaskQueue, clock: MovingClock, jump: float) -> None:
    task = await queue.enqueue(answer)
    await Hand(queue).claim_one()
    clock.jump(jump)
    clock.advance(31)
    await queue.store.write_schedule(reclaim_expired)
    assert (await queue.get_task(task.id)).failures == 1


@every_jump
async def test_a_running_task_has_the_time_it_was_given(
    real_queue: TaskQueue, set_clock: SetClock, jump: float
) -> None:
    async def set_the_clock() -> str:
        set_clock.jump(jump)
        await anyio.lowlevel.checkpoint()
        return "still here"

    async with TaskWorker(real_queue):
        with anyio.fail_after(20):
            good = await real_queue.wait((await real_queue.enqueue(set_the_clock, timeout=10)).id)
            late = await real_queue.wait((await real_queue.enqueue(wait_for_ever, timeout=0.1, max_retries=0)).id)
    assert good.result == "still here"
    assert late.error is not None
    assert late.error.type == "TimeoutError"


@every_jump
async def test_whoever_waits_for_a_task_waits_as_long_as_they_said(
    real_queue: TaskQueue, set_clock: SetClock, jump: float
) -> None:
    task = await real_queue.enqueue(answer)

    async def wait(seconds: float) -> None:
        with anyio.fail_after(20):
            assert not (await real_queue.wait(task.id, timeout=seconds)).is_finished

    async with anyio.create_task_group() as group:
        group.start_soon(wait, 0.2)
        await anyio.wait_all_tasks_blocked()
        set_clock.jump(jump)


@set_back
async def test_a_retry_waits_for_its_delay_and_no_longer(tmp_path: Path, set_clock: SetClock, by: float) -> None:
    async with TaskQueue(tmp_path / "tasks.db", clock=set_clock) as queue:
        task = await queue.enqueue(answer)
        claim = await Hand(queue).claim_one()
        await queue.store.finish(claim, Failed(TaskError("ValueError", "no"), 0.5), None)
        set_clock.jump(-by)
        async with TaskWorker(queue):
            with anyio.fail_after(20):
                assert (await queue.wait(task.id)).result == 42


@set_back
async def test_a_delayed_task_waits_for_its_delay_and_no_longer(
    real_queue: TaskQueue, set_clock: SetClock, by: float
) -> None:
    async with TaskWorker(real_queue):
        running = await real_queue.wait((await real_queue.enqueue(answer)).id)
        assert running.result == 42
        task = await real_queue.enqueue(answer, delay=0.5)
        set_clock.jump(-by)
        with anyio.fail_after(20):
            done = await real_queue.wait(task.id)
        assert done.result == 42
        assert done.started_at is not None
        assert done.started_at < task.created_at, "it ran by the old clock"
