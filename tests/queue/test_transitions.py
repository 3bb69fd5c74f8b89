"""Every arrow of the drawing in `mcp_tasks.task`, and every one that it lacks: what each verb makes of each status."""

from collections.abc import Awaitable, Callable

import pytest

from mcp_tasks import Question, Task, TaskPriority, TaskQueue, TaskStatus
from mcp_tasks.errors import ClaimLost, RequestError
from mcp_tasks.task import (
    Artifact,
    Asked,
    Cancelled,
    Claim,
    Completed,
    Failed,
    Lost,
    Outcome,
    Released,
    TaskError,
)
from tests.claiming import Hand
from tests.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

ERROR = TaskError("ValueError", "no")
OUTCOMES: dict[str, Outcome] = {
    "succeeded": Completed("1"),
    "succeeded with a file": Completed("1", (Artifact("a.pdf", "application/pdf", 1, "a", "a"),)),
    "failed": Failed(ERROR, 60.0),
    "failed for good": Failed(ERROR, None),
    "honoured a cancel": Cancelled(),
    "was released": Released(),
    "asked": Asked((Question("span_m", "¿Qué luz?"),)),
    "was lost": Lost(),
}
BROUGHT_BY = {
    "pending": "was released",
    "asking": "asked",
    "retrying": "failed",
    "due": "failed",
    "completed": "succeeded",
    "failed": "failed for good",
    "cancelled": "honoured a cancel",
}

# The words of the verbs; then, for each status, what comes of them: the next status, or the code of the refusal.
VERBS = ("claim", "cancel", "retry", "answer", "set_priority", "finish late", "clean up")
REFUSED = ("task_already_finished", "task_not_retryable", "invalid_request", "claim_lost", "task_not_found")
finished, not_retryable, invalid, lost, gone = REFUSED
TABLE = {
    "pending": ("running", "cancelled", not_retryable, invalid, "pending", lost, "pending"),
    "asking": ("pending", "cancelled", not_retryable, "pending", "pending", lost, "pending"),
    "running": ("running", "running", not_retryable, invalid, invalid, lost, "running"),
    "stopping": ("running", "running", not_retryable, invalid, invalid, lost, "running"),
    "retrying": ("retrying", "cancelled", not_retryable, invalid, "retrying", lost, "retrying"),
    "due": ("running", "cancelled", not_retryable, invalid, "retrying", lost, "retrying"),
    "completed": ("completed", finished, not_retryable, finished, finished, lost, gone),
    "failed": ("failed", finished, "pending", finished, finished, lost, gone),
    "cancelled": ("cancelled", "cancelled", "pending", finished, finished, lost, gone),
}
ENDINGS = {
    "running": {
        "succeeded": "completed",
        "succeeded with a file": "completed",
        "failed": "retrying",
        "failed for good": "failed",
        "honoured a cancel": "cancelled",
        "was released": "pending",
        "asked": "pending",
        "was lost": "pending",
    },
    "running without budget": {"failed": "failed", "was lost": "failed", "was released": "pending"},
    "stopping": {
        "succeeded": "completed",
        "succeeded with a file": "completed",
        "failed": "cancelled",
        "failed for good": "cancelled",
        "honoured a cancel": "cancelled",
        "was released": "cancelled",
        "asked": "cancelled",
        "was lost": "cancelled",
    },
}


async def work() -> None:
    pass


async def running(queue: TaskQueue, max_retries: int = 3) -> Claim:
    """A task's second attempt, so that a claim of the first one is late."""
    await queue.enqueue(work, max_retries=max_retries)
    hand = Hand(queue)
    await queue.store.finish(await hand.claim_one(), Released(), None)
    return await hand.claim_one()


async def bring_to(status: str, queue: TaskQueue, clock: MovingClock) -> Task:
    """A task in that status."""
    claim = await running(queue)
    if status in BROUGHT_BY:
        await queue.store.finish(claim, OUTCOMES[BROUGHT_BY[status]], None)
    if status == "stopping":
        await queue.cancel(claim.id)
    if status == "due":
        clock.advance(60)
    return await queue.get_task(claim.id)


async def try_verb(verb: str, queue: TaskQueue, task: Task) -> None:
    late = Claim(task.seq, task.id, 1, task.name, "{}", task.owner, 0, 3, None, {})
    verbs: dict[str, Callable[[], Awaitable[object]]] = {
        "claim": lambda: Hand(queue).claim(),
        "cancel": lambda: queue.cancel(task.id),
        "retry": lambda: queue.retry(task.id),
        "answer": lambda: queue.answer(task.id, {"span_m": 5} if task.questions else {}),
        "set_priority": lambda: queue.set_priority(task.id, TaskPriority.HIGH),
        "finish late": lambda: queue.store.finish(late, Completed("1"), None),
        "clean up": lambda: queue.cleanup({status: -1 for status in TaskStatus if status.is_terminal}),
    }
    await verbs[verb]()


@pytest.mark.parametrize(
    ("status", "verb", "expected"),
    [
        pytest.param(status, verb, expected, id=f"{verb} of a {status} task: {expected}")
        for status, row in TABLE.items()
        for verb, expected in zip(VERBS, row, strict=True)
    ],
)
async def test_a_verb_moves_a_task_or_is_refused(
    queue: TaskQueue, clock: MovingClock, status: str, verb: str, expected: str
) -> None:
    before = await bring_to(status, queue, clock)
    try:
        await try_verb(verb, queue, before)
        came_of_it = str((await queue.get_task(before.id)).status)
    except ClaimLost:
        came_of_it = "claim_lost"
    except RequestError as refusal:
        came_of_it = refusal.code
    assert came_of_it == expected
    if expected in REFUSED and expected != gone:
        assert await queue.get_task(before.id) == before, "refused, and changed all the same"


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        pytest.param(status, outcome, expected, id=f"{status}, {outcome}: {expected}")
        for status, endings in ENDINGS.items()
        for outcome, expected in endings.items()
    ],
)
async def test_an_attempt_that_ends_moves_its_task(queue: TaskQueue, status: str, outcome: str, expected: str) -> None:
    claim = await running(queue, max_retries=0 if status == "running without budget" else 3)
    if status == "stopping":
        await queue.cancel(claim.id)
    await queue.store.finish(claim, OUTCOMES[outcome], None)
    assert (await queue.get_task(claim.id)).status == expected


@pytest.mark.parametrize("fields", [(), ("span",), ("span_m", "colour")], ids=["none", "misspelt", "one too many"])
async def test_answers_that_are_not_those_asked_for_change_nothing(
    queue: TaskQueue, clock: MovingClock, fields: tuple[str, ...]
) -> None:
    asking = await bring_to("asking", queue, clock)
    with pytest.raises(RequestError, match=r"answer span_m|unknown field"):
        await queue.answer(asking.id, dict.fromkeys(fields, 5))
    assert await queue.get_task(asking.id) == asking


async def test_answering_a_delayed_task_that_asks_nothing_does_not_start_it(queue: TaskQueue) -> None:
    task = await queue.enqueue(work, delay=60)
    with pytest.raises(RequestError, match="asks nothing"):
        await queue.answer(task.id, {})
    assert await Hand(queue).claim() == []
