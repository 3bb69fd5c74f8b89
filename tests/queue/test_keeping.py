"""What a queue keeps, for how long, and how to wait for it."""

import anyio
import pytest

from mcp_tasks import TaskContext, TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.task import Artifact, Completed, Failed, Finished, Record, Released, TaskError
from tests.claiming import Hand
from tests.moving_clock import MovingClock
from tests.queue.conftest import OpenQueue

pytestmark = pytest.mark.anyio


async def echo(value: int = 0) -> int:
    return value


async def test_a_closed_queue_says_so(open_queue: OpenQueue) -> None:
    queue = open_queue()
    await queue.enqueue(echo)
    await queue.close()
    with pytest.raises(StorageUnavailable, match="closed"):
        await queue.enqueue(echo)


async def test_one_bad_operation_does_not_poison_the_others_of_its_commit(queue: TaskQueue) -> None:
    first = await queue.enqueue(echo, 0, idempotency_key="taken")
    refused: list[Exception] = []

    async def submit(n: int) -> None:
        try:
            await queue.enqueue(echo, n, idempotency_key="taken" if n % 5 == 4 else None)
        except Exception as error:
            refused.append(error)

    async with anyio.create_task_group() as group:
        for n in range(100):
            group.start_soon(submit, n)
    assert len(refused) == 20
    stored = await queue.list_tasks(limit=1_000)
    assert sorted(t.params["value"] for t in stored.tasks if t.id != first.id) == [n for n in range(100) if n % 5 != 4]


async def test_cleanup_keeps_each_status_for_its_own_time(queue: TaskQueue, clock: MovingClock) -> None:
    done, cancelled = await queue.enqueue(echo, 1), await queue.enqueue(echo, 2)
    await queue.cancel(cancelled.id)
    await queue.store.finish(await Hand(queue).claim_one(), Completed("1"), None)
    waiting = await queue.enqueue(echo, 3)
    clock.advance(100)
    pruned = await queue.cleanup({TaskStatus.COMPLETED: 99, TaskStatus.CANCELLED: 101})
    assert pruned.tasks == 1
    left = [t.id for t in (await queue.list_tasks()).tasks]
    assert left == [waiting.id, cancelled.id]
    assert done.id not in left


async def test_what_a_cleanup_would_remove_is_told_and_stays(queue: TaskQueue, clock: MovingClock) -> None:
    async def writing(ctx: TaskContext) -> None:
        ctx.artifact("quote.txt").write_text("hola")

    async with TaskWorker(queue):
        done = await queue.wait((await queue.enqueue(writing)).id)
    cancelled = await queue.enqueue(echo)
    await queue.cancel(cancelled.id)
    clock.advance(100)
    fresh = await queue.enqueue(echo)
    await queue.cancel(fresh.id)
    told = await queue.clearable(50 / 3_600)
    assert told == (2, 1, 4, 0, 0)
    assert len((await queue.list_tasks()).tasks) == 3
    assert (await queue.artifact(done.id, "quote.txt"))[1].read_text() == "hola"
    assert await queue.clear_completed(50 / 3_600) == told
    assert [task.id for task in (await queue.list_tasks()).tasks] == [fresh.id]


async def test_files_that_no_task_needs_are_removed_and_those_of_a_running_attempt_are_not(queue: TaskQueue) -> None:
    artifacts = queue.store.artifacts
    for _ in range(3):
        await queue.enqueue(echo)
    running, publishing, lost = await Hand(queue).claim()
    for claim in (running, publishing, lost):
        (artifacts.scratch(claim) / "quote.txt").write_text("hola")
    for claim in (publishing, lost):
        artifacts.publish(claim, {"quote.txt": "text/plain"})
    (artifacts.scratch(lost) / "half.txt").write_text("ho")
    await queue.store.finish(lost, Released(), None)  # what it published was never recorded
    assert await queue.removable() == (0, 0, 0, 2, 6)
    assert await queue.cleanup() == (0, 0, 0, 2, 6)
    assert await queue.cleanup() == (0, 0, 0, 0, 0)
    assert (artifacts.scratch(running) / "quote.txt").read_text() == "hola"
    await queue.store.finish(publishing, Completed("1", (Artifact("q", "", 4, "", f"{publishing.id}/1/q"),)), None)
    assert await queue.removable({TaskStatus.COMPLETED: -1}) == (1, 1, 4, 0, 0)


async def test_how_each_task_went_is_told_by_the_time_of_its_end(queue: TaskQueue, clock: MovingClock) -> None:
    begin = clock.now()
    for _ in range(4):
        await queue.enqueue(echo)
    clock.advance(3)
    done, failed, late, _ = await Hand(queue).claim()
    clock.advance(5)
    await queue.store.finish(done, Completed("1"), None)
    await queue.store.finish(failed, Failed(TaskError("ValueError", "no"), None), None)
    await queue.cancel((await queue.enqueue(echo, 5)).id)
    clock.advance(1)
    await queue.store.finish(late, Completed("1"), None)
    assert [one async for one in queue.finished(begin, clock.now())] == [
        Finished("echo", TaskStatus.COMPLETED, 3, 5, 0, None),
        Finished("echo", TaskStatus.FAILED, 3, 5, 0, "ValueError"),
        Finished("echo", TaskStatus.CANCELLED, None, None, 0, None),
    ]
    last = [one async for one in queue.finished(clock.now(), clock.now() + 1)]
    assert last == [Finished("echo", TaskStatus.COMPLETED, 3, 6, 0, None)]


async def test_more_tasks_than_are_read_at_once_are_told_each_once(queue: TaskQueue, clock: MovingClock) -> None:
    tasks = await queue.enqueue_many(echo, [{"value": n} for n in range(2_001)])
    for task in tasks:
        await queue.cancel(task.id)
    ends = [one async for one in queue.finished(clock.now(), clock.now() + 1)]  # all at the same moment
    assert len(ends) == 2_001


async def test_records_that_were_found_are_forgotten_and_no_others(queue: TaskQueue) -> None:
    first = await _keep(queue, "ana", "1", key="a", kind="report")
    second = await _keep(queue, "ana", "2", key="a", kind="report")
    other = await _keep(queue, "ana", "3")
    await queue.forget([first])
    assert await queue.records("report") == [second]
    assert await queue.records("quotation") == [other]


async def test_who_watches_a_task_hears_that_it_is_gone(queue: TaskQueue) -> None:
    task = await queue.enqueue(echo)
    await queue.cancel(task.id)
    with queue.changes_of(task.id) as changes:
        await queue.cleanup({TaskStatus.CANCELLED: -1})
        with anyio.fail_after(10):
            await changes.wait()


async def test_records_are_numbered_once_and_outlive_their_tasks(queue: TaskQueue, clock: MovingClock) -> None:
    for n in range(3):
        await queue.enqueue(echo, n)
    keys: list[str] = []
    for claim in await Hand(queue).claim():
        chosen = "Q-2026-0002" if not keys else None
        first = await queue.store.record(claim, "quotation", "{}", key=chosen, prefix="Q-2026-")
        again = await queue.store.record(claim, "quotation", "{}", key=chosen, prefix="Q-2026-")
        keys += [first.key, again.key]  # a second attempt of a task keeps its number
        await queue.store.finish(claim, Completed("1"), None)
    assert keys == ["Q-2026-0002"] * 2 + ["Q-2026-0001"] * 2 + ["Q-2026-0003"] * 2
    await queue.cleanup({TaskStatus.COMPLETED: -1})
    await queue.enqueue(echo)
    claim = await Hand(queue).claim_one()
    fourth = await queue.store.record(claim, "quotation", "{}", key=None, prefix="Q-2026-")
    assert fourth.key == "Q-2026-0004"


async def _keep(queue: TaskQueue, owner: str, content: str, key: str | None = None, kind: str = "quotation") -> Record:
    await queue.enqueue(echo, owner=owner)
    claim = await Hand(queue).claim_one()
    kept = await queue.store.record(claim, kind, content, key=key, prefix="Q-")
    again = await queue.store.record(claim, kind, '"of a second attempt"', key=key, prefix="Q-")
    assert again == kept
    await queue.store.finish(claim, Completed("1"), None)
    return kept


async def test_what_an_owner_keeps_under_a_key_again_is_its_next_revision(queue: TaskQueue) -> None:
    first = await _keep(queue, "ana", '{"panels": 7}')
    second = await _keep(queue, "ana", '{"panels": 8}', key=first.key)
    others = await _keep(queue, "luis", '{"panels": 9}', key=first.key)
    assert [(r.key, r.revision) for r in (first, second, others)] == [("Q-0001", 1), ("Q-0001", 2), ("Q-0001", 1)]
    assert await queue.records("quotation", key="Q-0001", owner="ana") == [second, first]
    assert await queue.records("quotation", task_id=second.task_id) == [second]
    assert (second.content, second.owner) == ({"panels": 8}, "ana")


async def test_records_are_read_page_by_page_in_their_last_revision(queue: TaskQueue) -> None:
    first = await _keep(queue, "ana", "1")
    others = await _keep(queue, "luis", "2", key=first.key)
    second = await _keep(queue, "ana", "3")
    revised = await _keep(queue, "ana", "4", key=first.key)
    assert await queue.records("quotation", latest=True) == [revised, second, others]
    assert await queue.records("quotation", owner="ana", latest=True, after=revised) == [second]
    assert await queue.records("quotation", owner="ana", after=second) == [first]
    assert await queue.records("quotation", key=first.key, owner="ana", revision=1) == [first]
    assert await queue.records("quotation", key=first.key, owner="luis", revision=2) == []


async def test_records_are_found_by_time_newest_first_and_forgotten_by_age(
    queue: TaskQueue, clock: MovingClock
) -> None:
    kept: list[Record] = []
    for n in range(4):
        kept.append(await _keep(queue, "ana", str(n)))
        clock.advance(10)
    await _keep(queue, "ana", '"other"', kind="report")
    found = await queue.records("quotation", since=kept[1].created_at, until=kept[3].created_at)
    assert found == [kept[2], kept[1]]
    assert await queue.records("quotation", limit=1) == [kept[3]]
    assert await queue.forget_records("quotation", 15) == 3
    assert await queue.records("quotation") == [kept[3]]
    assert len(await queue.records("report")) == 1


async def test_waiting_ends_when_another_process_finishes_the_task(open_queue: OpenQueue) -> None:
    async with open_queue() as ours, open_queue() as theirs:
        task = await ours.enqueue(echo, 7)
        theirs.functions.add(ours.functions.get("echo"))
        async with TaskWorker(theirs):
            with anyio.fail_after(20):
                assert (await ours.wait(task.id)).result == 7


async def test_waiting_returns_at_once_when_the_task_cannot_finish_in_time(queue: TaskQueue) -> None:
    task = await queue.enqueue(echo, delay=60)
    with anyio.fail_after(20):
        assert (await queue.wait(task.id, 30)).status is TaskStatus.PENDING


async def test_waiting_is_bounded(open_queue: OpenQueue) -> None:
    async with open_queue() as queue:
        task = await queue.enqueue(echo)
        assert (await queue.wait(task.id, 0.01)).status is TaskStatus.PENDING
