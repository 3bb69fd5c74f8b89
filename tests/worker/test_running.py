"""What a worker makes of task functions in loop, thread and process: results, failures, timeouts, cancels, releases."""

import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from mcp_tasks import NeedsAnswers, Question, Task, TaskContext, TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.errors import InvalidRequest, PermanentError
from mcp_tasks.functions import task_function
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.control import cancel
from mcp_tasks.task import Backoff, Progress
from tests.worker import in_processes

pytestmark = pytest.mark.anyio
AT_ONCE = Backoff(first=0.001, cap=0.001)


@pytest.fixture
async def queue(tmp_path: Path, anyio_backend: str) -> AsyncIterator[TaskQueue]:
    """A queue on the machine's own clock."""
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        yield queue


async def done(queue: TaskQueue, task: Task) -> Task:
    with anyio.fail_after(20):
        return await queue.wait(task.id)


async def double(value: int) -> int:
    return value * 2


def double_in_thread(value: int) -> int:
    return value * 2


async def test_an_async_function_runs_in_the_loop(queue: TaskQueue) -> None:
    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(double, 21))
    assert (task.status, task.result, task.attempt) == (TaskStatus.COMPLETED, 42, 1)


async def test_tasks_that_were_too_many_together_are_run_when_there_is_room_again(queue: TaskQueue) -> None:
    queue.functions.add(task_function(double_in_thread))
    tasks = [await queue.enqueue(function, n) for function in (double, double_in_thread) for n in range(2)]
    async with TaskWorker(queue, 3):  # of neither function are there so many
        assert [(await done(queue, task)).result for task in tasks] == [0, 2, 0, 2]


async def test_a_plain_function_runs_in_a_thread(queue: TaskQueue) -> None:
    async with TaskWorker(queue):
        assert (await done(queue, await queue.enqueue(double_in_thread, 21))).result == 42


async def test_a_process_function_runs_in_another_process_and_reports_progress(queue: TaskQueue) -> None:
    queue.functions.add(in_processes.count_to.function)
    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(in_processes.count_to, 3))
    assert task.result is not None
    assert task.result["pid"] != in_processes.own_pid()
    assert task.progress == Progress(3, 3, "3 de 3")


async def test_tasks_that_waited_for_a_worker_are_run(queue: TaskQueue) -> None:
    tasks = [await queue.enqueue(double, n) for n in range(20)]
    async with TaskWorker(queue, 3):
        assert [(await done(queue, t)).result for t in tasks] == [n * 2 for n in range(20)]


async def test_no_more_tasks_run_at_once_than_allowed(queue: TaskQueue) -> None:
    running: list[int] = []
    most = 0

    async def busy(n: int) -> None:
        nonlocal most
        running.append(n)
        most = max(most, len(running))
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        running.remove(n)

    tasks = [await queue.enqueue(busy, n) for n in range(30)]
    async with TaskWorker(queue, 4):
        tasks += [await queue.enqueue(busy, n) for n in range(30, 60)]
        for task in tasks:
            assert (await done(queue, task)).status is TaskStatus.COMPLETED
    assert most == 4


async def test_a_function_with_a_limit_of_its_own_leaves_places_to_others(queue: TaskQueue) -> None:
    gate = anyio.Event()

    async def slow() -> None:
        await gate.wait()

    queue.functions.add(task_function(slow, concurrency=1))
    slow_tasks = [await queue.enqueue("slow") for _ in range(3)]
    async with TaskWorker(queue, 2):
        assert (await done(queue, await queue.enqueue(double, 1))).result == 2
        gate.set()
        for task in slow_tasks:
            assert (await done(queue, task)).status is TaskStatus.COMPLETED


async def test_a_failure_is_retried_until_it_succeeds(queue: TaskQueue) -> None:
    failures = iter([ValueError("once"), ValueError("twice")])

    async def flaky() -> str:
        error = next(failures, None)
        if error:
            raise error
        return "ok"

    queue.functions.add(task_function(flaky, backoff=AT_ONCE))
    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue("flaky"))
    assert (task.result, task.failures, task.attempt) == ("ok", 2, 3)
    history = await queue.attempts(task.id)
    assert [(a.outcome, a.error and a.error.message) for a in history] == [
        ("failed", "once"),
        ("failed", "twice"),
        ("completed", None),
    ]
    assert "ValueError: once" in str(history[0].traceback)


async def test_a_permanent_error_is_not_retried(queue: TaskQueue) -> None:
    async def hopeless() -> None:
        raise PermanentError("no such client")

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(hopeless))
    assert (task.status, task.attempt) == (TaskStatus.FAILED, 1)
    assert task.error is not None
    assert (task.error.type, task.error.message, task.error.retryable) == ("PermanentError", "no such client", False)


async def test_a_result_that_is_not_json_fails_for_good(queue: TaskQueue) -> None:
    async def unserialisable() -> object:
        return object()

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(unserialisable))
    assert (task.status, task.attempt) == (TaskStatus.FAILED, 1)
    assert "cannot be written as JSON" in str(task.error)


@pytest.mark.parametrize("error", [SystemExit(3), RuntimeError("x")])
async def test_whatever_a_function_raises_fails_its_task_and_nothing_else(
    queue: TaskQueue, error: BaseException
) -> None:
    async def bad() -> None:
        raise error

    def bad_thread() -> None:
        raise error

    async with TaskWorker(queue):
        for function in (bad, bad_thread):
            task = await done(queue, await queue.enqueue(function, max_retries=0))
            assert task.error is not None
            assert (task.status, task.error.type) == (TaskStatus.FAILED, type(error).__name__)
        assert (await done(queue, await queue.enqueue(double, 1))).result == 2


async def test_a_timeout_stops_a_loop_function_and_counts_as_a_failure(queue: TaskQueue) -> None:
    cancelled = anyio.Event()

    async def endless() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(endless, timeout=0.05, max_retries=0))
        assert cancelled.is_set()
    assert task.error is not None
    assert (task.status, task.error.type, task.failures) == (TaskStatus.FAILED, "TimeoutError", 1)


async def test_a_timeout_kills_a_process_function(queue: TaskQueue) -> None:
    queue.functions.add(in_processes.spin.function)
    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(in_processes.spin, timeout=0.3, max_retries=0))
        assert task.error is not None
        assert task.error.type == "TimeoutError"


async def test_a_thread_that_outlives_its_timeout_keeps_its_slot_until_it_returns(queue: TaskQueue) -> None:
    told = threading.Event()
    let_go = threading.Event()

    def stubborn(ctx: TaskContext) -> None:
        let_go.wait(20)
        if ctx.cancelled:
            told.set()

    async with TaskWorker(queue, 1):
        task = await done(queue, await queue.enqueue(stubborn, timeout=0.05, max_retries=0))
        assert task.error is not None
        assert task.error.type == "TimeoutError"
        waiting = await queue.enqueue(double, 1)
        assert (await queue.get_task(waiting.id)).status is TaskStatus.PENDING
        let_go.set()
        assert (await done(queue, waiting)).result == 2
        assert told.is_set()


async def test_cancelling_stops_a_running_loop_function(queue: TaskQueue) -> None:
    started = anyio.Event()

    async def endless() -> None:
        started.set()
        await anyio.sleep_forever()

    async with TaskWorker(queue):
        task = await queue.enqueue(endless)
        await started.wait()
        assert (await queue.cancel(task.id)).cancel_requested
        assert (await done(queue, task)).status is TaskStatus.CANCELLED


async def test_a_cancel_that_comes_in_the_commit_of_the_claim_is_heeded(queue: TaskQueue) -> None:
    async def endless() -> None:
        await anyio.sleep_forever()

    def cancel_what_runs(tx: Transaction) -> None:
        cancel(tx, tx.db.execute("SELECT id FROM tasks WHERE status = 'running'").get, None)

    def hold_up(tx: Transaction) -> None:
        held_up.set()
        go_on.wait()

    async def submit() -> None:
        submitted.append(await queue.enqueue(endless))

    held_up, go_on = threading.Event(), threading.Event()
    submitted: list[Task] = []
    queue.functions.add(task_function(endless))
    async with TaskWorker(queue):
        await done(queue, await queue.enqueue(double, 1))  # from now on it is idle, and claims at submission
        async with anyio.create_task_group() as group:
            group.start_soon(queue.store.write_schedule, hold_up)
            await anyio.to_thread.run_sync(held_up.wait)
            for waiting in (submit, partial(queue.store.write_schedule, cancel_what_runs)):
                group.start_soon(waiting)
                await anyio.lowlevel.checkpoint()
            go_on.set()
        assert (await done(queue, submitted[0])).status is TaskStatus.CANCELLED


async def test_cancelling_kills_a_process_function(queue: TaskQueue) -> None:
    queue.functions.add(in_processes.spin.function)
    async with TaskWorker(queue):
        task = await queue.enqueue(in_processes.spin)
        with queue.store.subscribe(task.id) as changes:
            while not (await queue.get_task(task.id)).progress:
                await changes.wait()
        await queue.cancel(task.id)
        assert (await done(queue, task)).status is TaskStatus.CANCELLED


async def test_a_thread_function_sees_the_cancel_and_may_stop(queue: TaskQueue) -> None:
    started = threading.Event()

    def patient(ctx: TaskContext) -> None:
        started.set()
        while not ctx.cancelled:
            pass
        raise RuntimeError("stopped as told")

    async with TaskWorker(queue):
        task = await queue.enqueue(patient)
        await anyio.to_thread.run_sync(started.wait)
        await queue.cancel(task.id)
        assert (await done(queue, task)).status is TaskStatus.CANCELLED


async def test_another_process_can_cancel_a_running_task(queue: TaskQueue, tmp_path: Path) -> None:
    started = anyio.Event()

    async def endless() -> None:
        started.set()
        await anyio.sleep_forever()

    async with TaskWorker(queue), TaskQueue(tmp_path / "tasks.db") as other:
        task = await queue.enqueue(endless)
        await started.wait()
        await other.cancel(task.id)
        with anyio.fail_after(20):
            assert (await other.wait(task.id)).status is TaskStatus.CANCELLED


async def test_progress_is_stored_while_a_task_runs(queue: TaskQueue) -> None:
    gate = anyio.Event()

    async def stepping(ctx: TaskContext) -> None:
        for n in range(100):
            ctx.progress(n + 1, 200, "half way")
        await gate.wait()

    async with TaskWorker(queue):
        task = await queue.enqueue(stepping)
        with anyio.fail_after(20), queue.store.subscribe(task.id) as changes:
            while (await queue.get_task(task.id)).progress != Progress(100, 200, "half way"):
                await changes.wait()
        gate.set()
        assert (await done(queue, task)).progress == Progress(100, 200, "half way")


async def test_a_task_that_asks_runs_again_with_the_answers(queue: TaskQueue) -> None:
    async def asking(ctx: TaskContext) -> str:
        if "span_m" not in ctx.answers:
            raise NeedsAnswers(Question("span_m", "¿Qué luz?"))
        return f"luz {ctx.answers['span_m']}"

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(asking))
        assert task.questions == (Question("span_m", "¿Qué luz?"),)
        await queue.answer(task.id, {"span_m": "5"})
        finished = await done(queue, task)
    assert (finished.result, finished.failures) == ("luz 5", 0)


async def test_artifacts_appear_with_the_result(queue: TaskQueue) -> None:
    async def writing(ctx: TaskContext) -> str:
        ctx.artifact("quote.txt").write_text("hola", encoding="utf-8")
        return "ok"

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(writing))
    media_type, path = await queue.artifact(task.id, "quote.txt")
    assert (media_type, path.read_text(encoding="utf-8"), task.artifacts[0].bytes) == ("text/plain", "hola", 4)


@pytest.mark.parametrize("name", ["../up.txt", "", ".hidden", "a/b", "x" * 200, "tab\t"])
async def test_an_artifact_cannot_leave_its_folder(queue: TaskQueue, name: str) -> None:
    async def escaping(ctx: TaskContext) -> None:
        ctx.artifact(name).write_text("x")

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(escaping))
    assert "cannot name an artifact" in str(task.error)


async def test_the_files_of_a_failed_attempt_do_not_appear(queue: TaskQueue, tmp_path: Path) -> None:
    async def failing(ctx: TaskContext) -> None:
        ctx.artifact("half.txt").write_text("half")
        raise PermanentError("no")

    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(failing))
    await queue.cleanup()
    assert task.artifacts == ()
    assert [p for p in (tmp_path / "tasks.db-files" / "artifacts").rglob("*") if p.is_file()] == []


async def test_stopping_lets_running_tasks_finish(queue: TaskQueue) -> None:
    started, gate = anyio.Event(), anyio.Event()

    async def slow() -> str:
        started.set()
        await gate.wait()
        return "finished"

    task = await queue.enqueue(slow)
    later: list[Task] = []
    async with anyio.create_task_group() as group:
        worker = TaskWorker(queue)
        group.start_soon(worker.start)
        await started.wait()
        group.start_soon(worker.stop)
        while worker.is_running():
            await anyio.lowlevel.checkpoint()
        later.append(await queue.enqueue(double, 1))
        gate.set()
    assert (await queue.get_task(task.id)).result == "finished"
    assert (await queue.get_task(later[0].id)).status is TaskStatus.PENDING


async def test_a_worker_that_is_stopped_before_it_came_to_run_does_not_run(queue: TaskQueue) -> None:
    with anyio.fail_after(20):
        async with TaskWorker(queue):
            pass


async def test_a_worker_starts_once(queue: TaskQueue) -> None:
    async with TaskWorker(queue) as worker:
        pass
    with pytest.raises(InvalidRequest, match="make another TaskWorker"):
        await worker.start()


async def test_the_number_of_running_tasks_is_known(queue: TaskQueue) -> None:
    started, gate = anyio.Event(), anyio.Event()

    async def slow() -> None:
        started.set()
        await gate.wait()

    async with TaskWorker(queue) as worker:
        task = await queue.enqueue(slow)
        await started.wait()
        assert (worker.is_running(), worker.get_active_task_count()) == (True, 1)
        gate.set()
        await done(queue, task)
    assert (worker.is_running(), worker.get_active_task_count()) == (False, 0)


async def test_after_the_grace_running_tasks_are_released_without_counting_a_failure(queue: TaskQueue) -> None:
    started = anyio.Event()

    async def endless() -> None:
        started.set()
        await anyio.sleep_forever()

    task = await queue.enqueue(endless)
    async with anyio.create_task_group() as group:
        worker = TaskWorker(queue)
        group.start_soon(worker.start)
        await started.wait()
        await worker.stop(grace=0)
    released = await queue.get_task(task.id)
    assert (released.status, released.failures) == (TaskStatus.PENDING, 0)
    assert [a.outcome for a in await queue.attempts(task.id)] == ["released"]


async def test_cancelling_the_workers_group_releases_its_tasks(queue: TaskQueue) -> None:
    started = anyio.Event()

    async def endless() -> None:
        started.set()
        await anyio.sleep_forever()

    task = await queue.enqueue(endless)
    async with anyio.create_task_group() as group:
        group.start_soon(TaskWorker(queue).start)
        await started.wait()
        group.cancel_scope.cancel()
    assert (await queue.get_task(task.id)).status is TaskStatus.PENDING


async def test_two_workers_on_one_file_run_every_task_once(queue: TaskQueue, tmp_path: Path) -> None:
    runs: list[int] = []

    async def once(n: int) -> None:
        runs.append(n)
        await anyio.lowlevel.checkpoint()

    async with TaskQueue(tmp_path / "tasks.db") as other:
        queue.functions.add(task_function(once))
        other.functions.add(task_function(once))
        async with TaskWorker(queue, 3), TaskWorker(other, 3):
            tasks = [await q.enqueue("once", n) for n in range(40) for q in ((queue, other)[n % 2],)]
            for task in tasks:
                assert (await done(queue, task)).status is TaskStatus.COMPLETED
    assert sorted(runs) == list(range(40))


async def test_a_failed_process_says_how_it_died(queue: TaskQueue) -> None:
    queue.functions.add(in_processes.crash.function)
    async with TaskWorker(queue):
        task = await done(queue, await queue.enqueue(in_processes.crash, max_retries=0))
        assert (await done(queue, await queue.enqueue(double, 1))).result == 2
    assert task.error is not None
    assert (task.status, task.error.type) == (TaskStatus.FAILED, "ChildDied")
