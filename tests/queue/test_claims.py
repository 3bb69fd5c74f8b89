"""Claims are fenced: only the current attempt can end a task, and each ending happens once."""

import pytest

from mcp_tasks import Question, TaskQueue, TaskStatus
from mcp_tasks.errors import ClaimLost, InvalidRequest, TaskAlreadyFinished, TaskNotRetryable
from mcp_tasks.task import Asked, Completed, Failed, Progress, Released, TaskError
from tests.claiming import Hand
from tests.moving_clock import MovingClock
from tests.queue.conftest import OpenQueue

pytestmark = pytest.mark.anyio

ERROR = TaskError("ValueError", "no")


async def work(value: int = 0) -> int:
    return value


async def test_finishing_stores_the_result_and_the_attempt(queue: TaskQueue, clock: MovingClock) -> None:
    task = await queue.enqueue(work)
    clock.advance(1)
    claim = await Hand(queue).claim_one()
    clock.advance(2)
    await queue.store.finish(claim, Completed("42"), Progress(3, 3, "done"))
    done = await queue.get_task(task.id)
    assert (done.status, done.result, done.attempt, done.failures) == (TaskStatus.COMPLETED, 42, 1, 0)
    assert done.finished_at == clock.now()
    assert done.progress == Progress(3, 3, "done")
    (attempt,) = await queue.attempts(task.id)
    assert (attempt.outcome, attempt.ended_at - attempt.started_at) == ("completed", 2)


async def test_a_claim_finishes_once(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    claim = await Hand(queue).claim_one()
    await queue.store.finish(claim, Completed("1"), None)
    with pytest.raises(ClaimLost):
        await queue.store.finish(claim, Failed(ERROR, None), None)
    assert (await queue.get_task(task.id)).result == 1


async def test_a_claim_that_expired_can_change_nothing(queue: TaskQueue, clock: MovingClock) -> None:
    task = await queue.enqueue(work)
    hand = Hand(queue)
    late = await hand.claim_one()
    await queue.store.finish(late, Released(), None)
    current = await hand.claim_one()
    with pytest.raises(ClaimLost):
        await queue.store.finish(late, Completed("1"), None)
    queue.store.report(late, Progress(9, 9, "stale"))
    await queue.store.finish(current, Completed("2"), None)
    done = await queue.get_task(task.id)
    assert (done.result, done.attempt, done.progress) == (2, 2, None)


async def test_a_failure_waits_its_backoff_and_is_claimed_again(queue: TaskQueue, clock: MovingClock) -> None:
    task = await queue.enqueue(work)
    hand = Hand(queue)
    await queue.store.finish(await hand.claim_one(), Failed(ERROR, 4.0), None)
    waiting = await queue.get_task(task.id)
    assert (waiting.status, waiting.failures, waiting.run_at) == (TaskStatus.RETRYING, 1, clock.now() + 4)
    clock.advance(3.9)
    assert await hand.claim() == []
    clock.advance(0.1)
    assert (await hand.claim_one()).attempt == 2


async def test_max_retries_forgives_that_many_failures(queue: TaskQueue, clock: MovingClock) -> None:
    task = await queue.enqueue(work, max_retries=3)
    hand = Hand(queue)
    for _ in range(4):
        await queue.store.finish(await hand.claim_one(), Failed(ERROR, 1.0), None)
        clock.advance(1)
    failed = await queue.get_task(task.id)
    assert (failed.status, failed.failures, failed.error) == (TaskStatus.FAILED, 4, ERROR)
    assert [a.outcome for a in await queue.attempts(task.id)] == ["failed"] * 4


async def test_an_operators_retry_gives_the_whole_budget_and_the_next_attempt_number(queue: TaskQueue) -> None:
    task = await queue.enqueue(work, max_retries=0)
    hand = Hand(queue)
    await queue.store.finish(await hand.claim_one(), Failed(ERROR, 1.0), None)
    again = await queue.retry(task.id)
    assert (again.status, again.failures, again.error) == (TaskStatus.PENDING, 0, None)
    assert (await hand.claim_one()).attempt == 2


async def test_only_failed_and_cancelled_tasks_are_retried(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    hand = Hand(queue)
    with pytest.raises(TaskNotRetryable, match="pending"):
        await queue.retry(task.id)
    claim = await hand.claim_one()
    with pytest.raises(TaskNotRetryable, match="running"):
        await queue.retry(task.id)
    await queue.store.finish(claim, Completed("1"), None)
    with pytest.raises(TaskNotRetryable, match="completed"):
        await queue.retry(task.id)


async def test_a_waiting_task_is_cancelled_at_once_and_twice_says_the_same(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    first = await queue.cancel(task.id)
    assert first.status is TaskStatus.CANCELLED
    assert await queue.cancel(task.id) == first
    assert await Hand(queue).claim() == []
    assert (await queue.retry(task.id)).cancel_requested is False


async def test_cancelling_a_running_task_is_a_request(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    claim = await Hand(queue).claim_one()
    first = await queue.cancel(task.id)
    assert (first.status, first.cancel_requested) == (TaskStatus.RUNNING, True)
    assert await queue.cancel(task.id) == first
    await queue.store.finish(claim, Failed(ERROR, 1.0), None)
    assert (await queue.get_task(task.id)).status is TaskStatus.CANCELLED


async def test_a_finished_task_is_not_cancelled(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    await queue.store.finish(await Hand(queue).claim_one(), Completed("1"), None)
    with pytest.raises(TaskAlreadyFinished, match="already completed"):
        await queue.cancel(task.id)


async def test_questions_keep_a_task_waiting_until_they_are_answered(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    hand = Hand(queue)
    await queue.store.finish(await hand.claim_one(), Asked((Question("span_m", "¿Qué luz?"),)), None)
    asking = await queue.get_task(task.id)
    assert (asking.status, asking.questions) == (TaskStatus.PENDING, (Question("span_m", "¿Qué luz?"),))
    assert await hand.claim() == []
    with pytest.raises(InvalidRequest, match="did you mean 'span_m'"):
        await queue.answer(task.id, {"spam_m": "5"})
    await queue.answer(task.id, {"span_m": "5"})
    assert (await hand.claim_one()).answers == {"span_m": "5"}


async def test_questions_may_be_answered_one_by_one(queue: TaskQueue) -> None:
    task = await queue.enqueue(work)
    hand = Hand(queue)
    colour = Question("colour", "¿Qué color?", {"enum": ["gris", "blanco"]})
    await queue.store.finish(await hand.claim_one(), Asked((Question("span_m", "¿Qué luz?"), colour)), None)
    with pytest.raises(InvalidRequest, match="answer span_m and colour"):
        await queue.answer(task.id, {})
    assert (await queue.answer(task.id, {"span_m": 5})).questions == (colour,)
    assert await hand.claim() == []
    assert (await queue.answer(task.id, {"colour": "gris"})).questions == ()
    assert (await hand.claim_one()).answers == {"span_m": 5, "colour": "gris"}


async def test_an_expired_lease_gives_the_task_back_and_counts_as_a_failure(
    open_queue: OpenQueue,
) -> None:
    clock = MovingClock()
    async with open_queue(clock=clock, lease_seconds=30) as queue, open_queue(clock=clock) as watcher:
        task = await queue.enqueue(work)
        claim = await Hand(queue).claim_one()
        watcher.functions.add(queue.functions.get("work"))
        hand = Hand(watcher)
        with watcher.store.subscribe(task.id) as changes:
            await watcher.store.attach(hand)
            clock.advance(31)
            while (await watcher.get_task(task.id)).status is TaskStatus.RUNNING:
                await changes.wait()
        lost = await watcher.get_task(task.id)
        assert (lost.status, lost.failures) == (TaskStatus.PENDING, 1)
        with pytest.raises(ClaimLost):
            await queue.store.finish(claim, Completed("1"), None)
        watcher.store.detach(hand)
