"""What submitting promises: order, validation, keys, bounds. Nothing refused is stored."""

from typing import Any

import pytest
from pydantic import BaseModel

from mcp_tasks import TaskPriority, TaskQueue, TaskStatus
from mcp_tasks.decorators import background_task, registry
from mcp_tasks.errors import IdempotencyConflict, InvalidRequest, QueueFull, RequestError, TaskNotFound
from tests.claiming import Hand
from tests.moving_clock import MovingClock
from tests.queue.conftest import OpenQueue

pytestmark = pytest.mark.anyio


class Panel(BaseModel, extra="forbid"):
    thickness_mm: int


async def price(panel: Panel, discount: int = 0) -> int:
    return panel.thickness_mm - discount


async def echo(value: object) -> object:
    return value


class Sheet(BaseModel):
    length_m: float
    note: str | None = None


async def cut(sheet: Sheet) -> float:
    return sheet.length_m


async def test_a_submitted_task_is_read_back_as_it_was_returned(queue: TaskQueue) -> None:
    task = await queue.enqueue(price, Panel(thickness_mm=100), metadata={"seller": "ana"})
    assert await queue.get_task(task.id) == task
    assert (task.status, task.params) == (TaskStatus.PENDING, {"panel": {"thickness_mm": 100}})


async def test_a_submitted_task_is_there_for_another_process(queue: TaskQueue, open_queue: OpenQueue) -> None:
    task = await queue.enqueue(price, Panel(thickness_mm=100))
    async with open_queue(clock=queue.clock) as other:
        assert await other.get_task(task.id) == task


async def test_claims_take_the_highest_priority_first_then_the_oldest(queue: TaskQueue) -> None:
    low, normal, second, critical = [
        await queue.enqueue(price, Panel(thickness_mm=1), priority=p)
        for p in (TaskPriority.LOW, TaskPriority.NORMAL, TaskPriority.NORMAL, TaskPriority.CRITICAL)
    ]
    hand = Hand(queue, slots=1)
    order: list[str] = []
    while claims := await hand.claim():
        order += [claim.id for claim in claims]
        hand.slots.give("price")
    assert order == [critical.id, normal.id, second.id, low.id]


async def test_priorities_are_kept_across_names(queue: TaskQueue) -> None:
    first = await queue.enqueue(price, Panel(thickness_mm=1))
    urgent = await queue.enqueue(echo, 1, priority=TaskPriority.HIGH)
    assert [c.id for c in await Hand(queue).claim()] == [urgent.id, first.id]


async def test_a_delayed_task_is_claimed_only_when_it_is_due(queue: TaskQueue, clock: MovingClock) -> None:
    task = await queue.enqueue(echo, 1, delay=60)
    hand = Hand(queue)
    assert await hand.claim() == []
    clock.advance(60)
    assert [c.id for c in await hand.claim()] == [task.id]


async def test_a_name_is_claimed_up_to_its_own_limit(queue: TaskQueue) -> None:
    for n in range(3):
        await queue.enqueue(echo, n)
    assert len(await Hand(queue, per_name={"echo": 2}).claim()) == 2


async def test_a_task_of_an_unknown_function_waits_for_a_worker_that_knows_it(queue: TaskQueue) -> None:
    task = await queue.enqueue(echo, 1)
    assert await Hand(queue, per_name={"other": 5}).claim() == []
    assert (await queue.get_task(task.id)).status is TaskStatus.PENDING


async def test_the_same_key_gives_the_same_task(queue: TaskQueue) -> None:
    first = await queue.enqueue(echo, 1, idempotency_key="k")
    assert await queue.enqueue(echo, 1, idempotency_key="k") == first
    assert (await queue.enqueue(echo, 1, idempotency_key="k", owner="another")).id != first.id


async def test_the_same_key_with_other_parameters_is_refused(queue: TaskQueue) -> None:
    first = await queue.enqueue(echo, 1, idempotency_key="k")
    with pytest.raises(IdempotencyConflict, match=first.id):
        await queue.enqueue(echo, 2, idempotency_key="k")
    assert (await queue.list_tasks()).tasks == [first]


async def test_a_full_queue_refuses_until_something_is_finished(open_queue: OpenQueue) -> None:
    async with open_queue(max_unfinished=1) as queue:
        first = await queue.enqueue(echo, 1)
        with pytest.raises(QueueFull, match="1 unfinished"):
            await queue.enqueue(echo, 2)
        await queue.cancel(first.id)
        await queue.enqueue(echo, 2)


@pytest.mark.parametrize(
    ("args", "kwargs", "field", "message"),
    [
        pytest.param(["x"], {}, "panel", "should be an object", id="wrong type"),
        pytest.param([{"thickness_mm": "thick"}], {}, "panel.thickness_mm", "valid integer", id="wrong nested type"),
        pytest.param([{"thicknes_mm": 1}], {}, "panel.thicknes_mm", "did you mean 'thickness_mm'", id="nested typo"),
        pytest.param([{"thickness_mm": 1}], {"discont": 1}, "discont", "did you mean 'discount'", id="typo"),
        pytest.param([], {}, "panel", "required", id="missing"),
        pytest.param([{"thickness_mm": 1}, 2, 3], {}, None, "too many", id="too many"),
        pytest.param([{"thickness_mm": 1}], {"delay": -1}, "delay", "from 0", id="negative delay"),
        pytest.param([{"thickness_mm": 1}], {"timeout": 0}, "timeout", "above 0", id="zero timeout"),
        pytest.param([{"thickness_mm": 1}], {"max_retries": -1}, "max_retries", "from 0 to 100", id="negative retries"),
        pytest.param([{"thickness_mm": 1}], {"priority": 0}, "priority", "write TaskPriority.HIGH", id="no priority"),
        pytest.param([{"thickness_mm": 1}], {"idempotency_key": ""}, "idempotency_key", "1 to 200", id="empty key"),
    ],
)
async def test_a_bad_request_is_refused_with_its_field_and_nothing_is_stored(
    queue: TaskQueue, args: list[object], kwargs: dict[str, object], field: str | None, message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message) as refusal:
        await queue.enqueue(price, *args, params=None, **kwargs)  # pyright: ignore[reportArgumentType]
    assert refusal.value.to_dict().get("field") == field
    assert (await queue.list_tasks()).tasks == []


@pytest.mark.parametrize("value", [object(), {1, 2, object()}, float("nan")], ids=["object", "set", "nan"])
async def test_parameters_that_are_not_json_are_refused(queue: TaskQueue, value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"JSON|finite"):
        await queue.enqueue(echo, value)
    assert (await queue.list_tasks()).tasks == []


async def test_a_model_that_could_not_be_read_back_is_refused_before_it_is_stored(queue: TaskQueue) -> None:
    with pytest.raises(InvalidRequest) as refusal:  # pydantic writes it as null, which is no number
        await queue.enqueue(cut, Sheet(length_m=float("nan")))
    assert refusal.value.field == "sheet.length_m"
    assert (await queue.list_tasks()).tasks == []
    assert (await queue.enqueue(cut, Sheet(length_m=2))).params == {"sheet": {"length_m": 2.0, "note": None}}


@pytest.mark.parametrize(
    ("options", "field"),
    [({"timeout": 0}, "timeout"), ({"max_retries": -1}, "max_retries"), ({"priority": 9}, "priority")],
    ids=["zero timeout", "negative retries", "no priority"],
)
async def test_bad_defaults_are_refused_where_the_function_is_decorated(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        background_task(name="never_registered", **options)(echo)
    assert refusal.value.field == field
    assert "never_registered" not in registry.functions()


async def test_an_unknown_name_is_refused_with_the_nearest_known_one(queue: TaskQueue) -> None:
    await queue.enqueue(price, Panel(thickness_mm=1))
    with pytest.raises(InvalidRequest) as refusal:
        await queue.enqueue("prize")
    assert refusal.value.nearest == "price"


async def test_two_functions_of_one_name_are_refused(queue: TaskQueue) -> None:
    await queue.enqueue(echo, 1, name="work")
    with pytest.raises(InvalidRequest, match="two functions want the name 'work'"):
        await queue.enqueue(price, Panel(thickness_mm=1), name="work")


async def test_another_owners_task_answers_like_an_unknown_one(queue: TaskQueue) -> None:
    task = await queue.enqueue(echo, 1, owner="ana")
    said: list[str] = []
    for id_ in (task.id, "0" * 32):
        with pytest.raises(TaskNotFound) as refusal:
            await queue.get_task(id_, owner="bea")
        said.append(str(refusal.value).replace(id_, "ID"))
    assert said[0] == said[1]


async def test_lists_are_paged_newest_first_and_filtered(queue: TaskQueue) -> None:
    ids = [(await queue.enqueue(echo, n)).id for n in range(5)]
    await queue.cancel(ids[0])
    first = await queue.list_tasks(limit=3)
    rest = await queue.list_tasks(limit=3, cursor=first.next_cursor)
    assert [t.id for t in first.tasks + rest.tasks] == ids[::-1]
    assert rest.next_cursor is None
    assert [t.id for t in (await queue.list_tasks(status="cancelled")).tasks] == [ids[0]]
    assert (await queue.list_tasks(owner="somebody")).tasks == []


@pytest.mark.parametrize(
    "options", [{"status": "done"}, {"cursor": "' OR 1"}, {"limit": 0}], ids=["status", "cursor", "limit"]
)
async def test_a_malformed_list_request_is_refused(queue: TaskQueue, options: dict[str, object]) -> None:
    with pytest.raises(RequestError) as refusal:
        await queue.list_tasks(**options)  # pyright: ignore[reportArgumentType]
    assert refusal.value.field in options


async def test_the_position_counts_the_tasks_that_go_first(queue: TaskQueue) -> None:
    await queue.enqueue(echo, 1, priority=TaskPriority.LOW)
    await queue.enqueue(price, Panel(thickness_mm=1), priority=TaskPriority.HIGH)
    await queue.enqueue(echo, 2)
    last = await queue.enqueue(echo, 3)
    assert await queue.position(last) == 2


async def test_stats_count_by_name_and_status_of_what_an_owner_may_see(queue: TaskQueue, clock: MovingClock) -> None:
    await queue.enqueue(echo, 1)
    clock.advance(10)
    await queue.cancel((await queue.enqueue(echo, 2)).id)
    await queue.enqueue(price, Panel(thickness_mm=1), owner="ana")
    stats = await queue.stats(owner="local")
    assert stats.by_name == {"echo": {TaskStatus.PENDING: 1, TaskStatus.CANCELLED: 1}}
    assert stats.oldest_pending_seconds == 10
    assert (await queue.stats()).counts[TaskStatus.PENDING] == 2


async def test_all_tasks_of_a_status_come_however_many_pages_they_fill(queue: TaskQueue) -> None:
    tasks = await queue.enqueue_many(echo, [{"value": n} for n in range(1_001)])
    assert [t.id for t in await queue.get_tasks_by_status("pending")] == [t.id for t in reversed(tasks)]
    assert await queue.get_tasks_by_status("pending", owner="somebody") == []
    with pytest.raises(InvalidRequest) as refusal:
        await queue.get_tasks_by_status("complete")
    assert refusal.value.nearest == "completed"


async def test_clearing_takes_what_finished_longer_ago(queue: TaskQueue, clock: MovingClock) -> None:
    old, waiting = [await queue.enqueue(echo, n) for n in range(2)]
    await queue.cancel(old.id)
    clock.advance(25 * 3_600)
    young = await queue.enqueue(echo, 3)
    await queue.cancel(young.id)
    assert (await queue.clear_completed(older_than_hours=24)).tasks == 1
    assert {t.id for t in (await queue.list_tasks()).tasks} == {waiting.id, young.id}
    with pytest.raises(InvalidRequest, match="0 or more"):
        await queue.clear_completed(older_than_hours=-1)
