"""A real queue in a real file, driven step by step beside the model; after every step the two must agree.

Two processes share the file: each has its own `TaskQueue`, with its writer and its reader. No worker is attached,
so that nothing happens between the steps: what a live process does by itself (renew its claims, look for expired
ones and for dead processes) are steps here.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import anyio
from anyio.from_thread import BlockingPortal
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mcp_tasks import Task, TaskPriority, TaskQueue, TaskStatus
from mcp_tasks.errors import ClaimLost, McpTasksError, QueueFull
from mcp_tasks.functions import Registry
from mcp_tasks.sqlite import claim as claiming
from mcp_tasks.sqlite import read
from mcp_tasks.sqlite import submit as submission
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.connection import open_reader
from mcp_tasks.sqlite.rows import ATTEMPT_COLUMNS, to_attempt
from mcp_tasks.task import (
    Claim,
    NewTask,
    Outcome,
    Progress,
    Stats,
)
from mcp_tasks.wake import current_wake
from tests.claiming import Hand
from tests.moving_clock import MovingClock
from tests.queue.model import LEASE, Model, Refusal
from tests.queue.steps import (
    ANSWERED,
    FUNCTIONS,
    LIMITS,
    OWNERS,
    STEPS,
    any_claim,
    any_task,
    asked_task,
    held_claim,
    limits,
    names,
    outcomes,
    processes,
    progresses,
    seconds,
    slots,
    step,
    submissions,
    viewers,
)

T = TypeVar("T")

PAGE = 4


class Undone(Exception):
    """Ends an operation that must leave no trace."""

    def __init__(self, found: list[Claim]) -> None:
        super().__init__()
        self.found = found


class QueueMachine(RuleBasedStateMachine):
    """The steps. A verb gives a value, or the class of the error that refused it; so does the model."""

    def __init__(self, portal: BlockingPortal) -> None:
        super().__init__()
        self._portal = portal
        self._folder = TemporaryDirectory(prefix="mcp_tasks-model-")
        self._path = Path(self._folder.name) / "tasks.db"
        self.clock = MovingClock()
        self.model = Model(self.clock)
        self.ids: list[str] = []
        self.claims: list[Claim] = []
        self._attempts_seen: dict[str, int] = {}
        self.queues = [self._open(process) for process in range(len(LIMITS))]
        self._reader = open_reader(self._path)

    def teardown(self) -> None:
        for queue in self.queues:
            self._portal.call(queue.close)
        assert self._reader.execute("PRAGMA integrity_check").get == "ok"
        self._reader.close()
        self._folder.cleanup()

    @rule(data=st.data())
    def take_a_step(self, data: st.DataObject) -> None:
        possible = [n for n, (_, needed, _) in enumerate(STEPS) if needed is None or getattr(self, needed)]
        name, _, arguments = STEPS[data.draw(st.sampled_from(possible))]
        getattr(self, name)(**data.draw(arguments, label=name))

    # --- submitting -------------------------------------------------------------------------------------------

    @step(often=2, process=processes, new=submissions(), key=st.sampled_from([None, None, "k1", "k2"]))
    def submit(self, process: int, new: NewTask, key: str | None) -> None:
        new = new._replace(idempotency_key=key)
        expected = self.model.known(new)
        if expected is None and not self.model.has_room([new], LIMITS[process]):
            expected = QueueFull
        stored = self.do(partial(self.queues[process].submit, new))
        if expected is None:
            assert isinstance(stored, Task)
            expected = self.model.store(new, stored.id, stored.seq)
            self.ids.append(stored.id)
        assert stored == expected

    @step(process=processes, news=st.lists(submissions(), min_size=1, max_size=3), free=slots, each=limits)
    def submit_together_beside_an_idle_worker(
        self, process: int, news: list[NewTask], free: int, each: dict[str, int]
    ) -> None:
        """The worker is there for this one commit: were it attached, its process would watch over claims by itself."""
        store = self.queues[process].store

        async def verb() -> tuple[list[Task], list[Claim]]:
            hand = Hand(self.queues[process], free, each)
            beside = submission.Process([hand], store.worker_id, LEASE)
            submit = partial(submission.submit_all, news=news, process=beside, limits=LIMITS[process])
            stored = await store.write_schedule(submit)
            return [submission.task_of(*pair) for pair in zip(news, stored, strict=True)], hand.received

        answer = self.do(verb)
        if self.model.has_room(news, LIMITS[process]):
            assert isinstance(answer, tuple)
            expected = self.model.store_together(list(zip(news, answer[0], strict=True)), each, free, store.worker_id)
            assert answer[0] == [self.model.tasks[task.id] for task in answer[0]]
            self.ids += [task.id for task in answer[0]]
            self._hand_out(answer[1], expected)
        else:
            assert answer is QueueFull

    # --- claims -----------------------------------------------------------------------------------------------

    @step(often=4, process=processes, free=slots, each=limits)
    def claim(self, process: int, free: int, each: dict[str, int]) -> None:
        queue = self.queues[process]

        async def verb() -> tuple[list[Claim], bool]:
            return await queue.store.claim(Hand(queue, free, each))

        claimed, more = self.must(verb)
        self._hand_out(claimed, self.model.claim(each, free, queue.store.worker_id))
        assert more or not free or not [task for task in self.model.line() if task.name in each]

    @step("held_claims", often=6, process=processes, claim=held_claim, outcome=outcomes, progress=progresses)
    def finish(self, process: int, claim: int, outcome: Outcome, progress: Progress | None) -> None:
        self.finish_late_or_not(process, claim, outcome, progress)

    @step("claims", process=processes, claim=any_claim, outcome=outcomes, progress=progresses)
    def finish_late_or_not(self, process: int, claim: int, outcome: Outcome, progress: Progress | None) -> None:
        expected = self.model.finish(self.claims[claim], outcome, progress)
        assert self.do(partial(self.queues[process].store.finish, self.claims[claim], outcome, progress)) == expected

    @step("held_claims", process=processes, claim=held_claim, ahead=st.sampled_from([-1, 1]), outcome=outcomes)
    def finish_with_a_forged_claim(self, process: int, claim: int, ahead: int, outcome: Outcome) -> None:
        forged = self.claims[claim]._replace(attempt=self.claims[claim].attempt + ahead)
        assert self.do(partial(self.queues[process].store.finish, forged, outcome, None)) is ClaimLost

    @step(
        "claims",
        process=processes,
        endings=st.lists(st.tuples(any_claim, outcomes, progresses), min_size=1, unique_by=lambda ending: ending[0]),
    )
    def finish_together(self, process: int, endings: list[tuple[int, Outcome, Progress | None]]) -> None:
        store = self.queues[process].store
        mine = [(self.claims[claim], outcome, progress) for claim, outcome, progress in endings]
        refusals: list[Refusal | None] = []

        async def verb() -> None:
            done = anyio.Event()

            def then(error: BaseException | None) -> None:
                refusals.append(type(error) if isinstance(error, McpTasksError) else None)
                if len(refusals) == len(mine):
                    done.set()

            for ending in mine:
                store.settle(*ending, current_wake(), then)
            await done.wait()

        self.must(verb)
        expected = [self.model.finish(*ending) for ending in mine]
        assert refusals == expected

    @step("claims", often=2, process=processes, claim=any_claim, done=st.integers(0, 9))
    def report(self, process: int, claim: int, done: int) -> None:
        progress = Progress(done)
        self.queues[process].store.report(self.claims[claim], progress)
        self.model.report(self.claims[claim], progress)
        self.write(process, lambda _: None)  # it was posted; this comes after it

    @step(often=2, process=processes)
    def renew(self, process: int) -> None:
        worker = self.queues[process].store.worker_id
        self.write(process, lambda tx: claiming.renew(tx, worker, LEASE))
        self.model.renew(worker)

    @step(process=processes)
    def expire(self, process: int) -> None:
        self.write(process, claiming.reclaim_expired)
        self.model.expire()

    @step(dead=processes, by=processes)
    def lose(self, dead: int, by: int) -> None:
        worker = self.queues[dead].store.worker_id
        self.write(by, lambda tx: claiming.reclaim_from(tx, worker))
        self.model.lose(worker)

    @step(process=processes)
    def restart(self, process: int) -> None:
        self._portal.call(self.queues[process].close)
        self.queues[process] = self._open(process)

    # --- what people do, and time -----------------------------------------------------------------------------

    @step("ids", process=processes, task=any_task, owner=viewers)
    def cancel(self, process: int, task: int, owner: str | None) -> None:
        cancelled = self.do(partial(self.queues[process].cancel, self.ids[task], owner=owner))
        assert cancelled == self.model.cancel(self.ids[task], owner)

    @step("ids", process=processes, task=any_task, owner=viewers)
    def retry(self, process: int, task: int, owner: str | None) -> None:
        retried = self.do(partial(self.queues[process].retry, self.ids[task], owner=owner))
        assert retried == self.model.retry(self.ids[task], owner)

    @step("ids", process=processes, task=any_task, priority=st.sampled_from(TaskPriority), owner=viewers)
    def set_priority(self, process: int, task: int, priority: TaskPriority, owner: str | None) -> None:
        changed = self.do(partial(self.queues[process].set_priority, self.ids[task], priority, owner=owner))
        assert changed == self.model.set_priority(self.ids[task], priority, owner)

    @step(
        "ids",
        often=2,
        process=processes,
        task=asked_task,
        fields=st.sampled_from(ANSWERED),
        value=st.integers(0, 9),
        owner=viewers,
    )
    def answer(self, process: int, task: int, fields: tuple[str, ...], value: int, owner: str | None) -> None:
        answers = dict.fromkeys(fields, value)
        answered = self.do(partial(self.queues[process].answer, self.ids[task], answers, owner=owner))
        assert answered == self.model.answer(self.ids[task], answers, owner)

    @step(process=processes, keep=st.sampled_from([0.0, LEASE]), keep_failed=st.sampled_from([0.0, LEASE]))
    def prune(self, process: int, keep: float, keep_failed: float) -> None:
        kept = {TaskStatus.COMPLETED: keep, TaskStatus.CANCELLED: keep, TaskStatus.FAILED: keep_failed}
        pruned = self.must(partial(self.queues[process].cleanup, kept))
        assert pruned.tasks == self.model.prune(kept)

    @step(often=2, passed=seconds)
    def time_passes(self, passed: float) -> None:
        self.clock.advance(passed)

    @step(by=st.sampled_from([-3_600.0, 3_600.0]))
    def somebody_sets_the_clock(self, by: float) -> None:
        self.clock.jump(by)

    @step(process=processes, owner=viewers, status=st.none() | st.sampled_from(TaskStatus), name=st.none() | names)
    def list_some(self, process: int, owner: str | None, status: TaskStatus | None, name: str | None) -> None:
        listed = self.must(partial(_all_pages, self.queues[process], owner=owner, status=status, name=name))
        assert listed == self.model.newest_first(owner, status, name)

    # --- what holds after every step --------------------------------------------------------------------------

    @invariant()
    def they_agree(self) -> None:
        self.lists_and_counts_agree()
        self.next_claims_agree()
        self.rows_agree()
        self.positions_agree()
        self.attempts_are_not_counted_back()

    def lists_and_counts_agree(self) -> None:
        async def verb() -> tuple[list[Task], list[Stats]]:
            queue = self.queues[len(self.ids) % len(self.queues)]
            return await _all_pages(queue), [await queue.stats(owner=owner) for owner in OWNERS]

        listed, stats = self.must(verb)
        assert listed == self.model.newest_first()
        for owner, said in zip(OWNERS, stats, strict=True):
            assert said.by_name == self.model.counts(self.model.newest_first(owner))

    def next_claims_agree(self) -> None:
        def peek(tx: Transaction) -> None:
            each = dict.fromkeys(FUNCTIONS, 1_000)
            raise Undone(claiming.claim(tx, each, 1_000, "nobody", LEASE)[0])

        async def verb() -> list[Claim]:
            try:
                await self.queues[0].store.write_schedule(peek)
            except Undone as undone:
                return undone.found
            raise AssertionError

        assert [claim.id for claim in self.must(verb)] == [task.id for task in self.model.line_when_due()]

    def rows_agree(self) -> None:
        db = self._reader
        history = f"SELECT task, {ATTEMPT_COLUMNS} FROM attempts ORDER BY task, attempt"
        rows = [(row[0], to_attempt(row[1:])) for row in db.execute(history)]
        assert rows == sorted(self.model.attempts(), key=lambda row: (row[0], row[1].attempt))
        leases = dict(db.execute("SELECT id, lease FROM tasks WHERE status = 'running'").fetchall())
        assert leases == {task.id: self.model.leases[task.id] for task in self.model.running()}
        now = self.clock.monotonic()
        assert claiming.any_expired(db, now) == any(lease < now for lease in leases.values())
        ready = db.execute("SELECT id FROM tasks WHERE ready = 1 ORDER BY priority DESC, turn, seq").fetchall()
        assert [id_ for (id_,) in ready] == [task.id for task in self.model.line()]
        counted = db.execute("SELECT * FROM counters WHERE n <> 0 ORDER BY owner, name, status").fetchall()
        grouped = "SELECT owner, name, status, count(*) FROM tasks GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        assert counted == db.execute(grouped).fetchall()

    def positions_agree(self) -> None:
        for task in self.model.newest_first():
            assert read.position(self._reader, task) == self.model.position(task)

    def attempts_are_not_counted_back(self) -> None:
        for id_, attempt in self._reader.execute("SELECT id, attempt FROM tasks"):
            assert attempt >= self._attempts_seen.get(id_, 0)
            self._attempts_seen[id_] = attempt

    # --- inside -----------------------------------------------------------------------------------------------

    @property
    def asked_tasks(self) -> list[int]:
        """The numbers of the tasks that wait for answers."""
        asking = {task.id for task in self.model.tasks.values() if task.questions}
        return [n for n, id_ in enumerate(self.ids) if id_ in asking]

    @property
    def late_claims(self) -> list[int]:
        """The numbers of the claims that are over while another one runs their task: the dangerous ones."""
        running = {task.id for task in self.model.running()}
        return [n for n, claim in enumerate(self.claims) if claim.id in running and not self.model.holds(claim)]

    @property
    def held_claims(self) -> list[int]:
        """The numbers of the claims that still hold."""
        return [number for number, claim in enumerate(self.claims) if self.model.holds(claim)]

    def do(self, verb: Callable[[], Awaitable[T]]) -> T | Refusal:
        """What a verb gives on the event loop, or the class of its refusal."""

        async def call() -> T | Refusal:
            try:
                return await verb()
            except McpTasksError as error:
                return type(error)

        return self._portal.call(call)

    def must(self, verb: Callable[[], Awaitable[T]]) -> T:
        """What a verb that is never refused gives."""

        async def call() -> T:
            try:
                return await verb()
            except McpTasksError as error:
                raise AssertionError("refused") from error

        return self._portal.call(call)

    def write(self, process: int, operation: Callable[[Transaction], object]) -> None:
        """One of the writer's own operations, committed."""
        self.must(partial(self.queues[process].store.write_schedule, operation))

    def _open(self, process: int) -> TaskQueue:
        """A process's queue, its file open."""
        functions = Registry()
        for function in FUNCTIONS.values():
            functions.add(function)
        queue = TaskQueue(
            self._path, functions=functions, synchronous="NORMAL", max_unfinished=LIMITS[process].total,
            max_unfinished_per_owner=LIMITS[process].per_owner, lease_seconds=LEASE, clock=self.clock,
        )  # fmt: skip
        self.must(queue.stats)
        return queue

    def _hand_out(self, received: list[Claim], expected: list[Claim]) -> None:
        """Each attempt of a task is given to one worker, once."""
        assert received == expected
        assert not {claim.key for claim in received} & {claim.key for claim in self.claims}
        self.claims += received


async def _all_pages(queue: TaskQueue, **filters: Any) -> list[Task]:
    """A list, page by page."""
    page = await queue.list_tasks(limit=PAGE, **filters)
    found = page.tasks
    while page.next_cursor is not None:
        page = await queue.list_tasks(limit=PAGE, cursor=page.next_cursor, **filters)
        found += page.tasks
    return found
