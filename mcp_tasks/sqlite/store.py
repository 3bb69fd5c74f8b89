"""The embedded engine: one SQLite file, one thread that writes, one that reads, one lock that says we are alive."""

import logging
import math
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from mcp_tasks.artifacts import ArtifactFolder
from mcp_tasks.clock import Clock
from mcp_tasks.errors import QueueClosed, StorageUnavailable
from mcp_tasks.schedule import Schedule
from mcp_tasks.sqlite import claim as claims
from mcp_tasks.sqlite import control, finish, line, prune, read, records, schedules
from mcp_tasks.sqlite import submit as submission
from mcp_tasks.sqlite.alive import DeadProcess, ProcessLock
from mcp_tasks.sqlite.commit import GroupCommit, ReadEach, Together, Transaction
from mcp_tasks.sqlite.connection import Synchronous, make_folder, open_reader, open_writer
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.hub import READY, Hub, Subscription
from mcp_tasks.sqlite.intake import Intake
from mcp_tasks.sqlite.log import WriteAheadLog
from mcp_tasks.sqlite.thread import ConnectionThread, Deliveries, deliver
from mcp_tasks.task import (
    UNLIMITED,
    Attempt,
    Claim,
    Completed,
    Finished,
    Limits,
    NewTask,
    Outcome,
    Page,
    Progress,
    Record,
    RecordQuery,
    Stats,
    Task,
    TaskPriority,
    TaskStatus,
)
from mcp_tasks.wake import Wake

T = TypeVar("T")
_log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
_TICK_SECONDS = 0.05
_CLOCK_SLACK_SECONDS = 1.0
"""A clock that is set back by less is not worth a look."""


class SqliteStore:
    """The verbs of the queue on one file. Opens at the first call; `close` drains."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        synchronous: Synchronous,
        lease_seconds: float = LEASE_SECONDS,
        limits: Limits = UNLIMITED,
        worker_id: str | None = None,
    ) -> None:
        self.path = path
        self._limits = limits
        self._worker_name = worker_id
        self._clock = clock
        self._synchronous: Synchronous = synchronous
        self._lease_seconds = lease_seconds
        self._hub = Hub()
        files = path.with_name(path.name + "-files")
        self._artifact_folder = files / "artifacts"
        self.artifacts = ArtifactFolder(self._artifact_folder)
        self._lock_folder = files / "workers"
        self._lock: ProcessLock | None = None
        self._intakes: list[Intake] = []
        self._data_version = 0
        self._log = WriteAheadLog()
        self._wall_ahead = math.inf
        self._next_renewal = 0.0
        self._next_expiry = 0.0
        self._commit = GroupCommit(path, clock, self._hub)
        self._writer = ConnectionThread(
            "mcp_tasks writer", self._open, self._commit, tick=self._look_around, tick_seconds=_TICK_SECONDS
        )
        self._write = self._writer.call
        self._reader = ConnectionThread("mcp_tasks reader", partial(open_reader, path), ReadEach(path))

    # --- submitting and reading -------------------------------------------------------------------------------

    async def submit(self, new: NewTask) -> Task:
        """See `submit.submit`; when a worker of this process is idle, the same commit claims the task for it."""
        if new.idempotency_key is None:
            return submission.task_of(new, await self._write(Together(self._submit_all, new)))
        return await self._write(lambda tx: submission.submit(tx, new, self._process, self._limits))

    async def submit_all(self, news: Sequence[NewTask]) -> list[Task]:
        """All of them in one commit, or none."""
        stored = await self._write(lambda tx: self._submit_all(tx, news))
        return [submission.task_of(new, one) for new, one in zip(news, stored, strict=True)]

    async def get(self, id_: str, owner: str | None) -> Task:
        """See `read.find_task`."""
        return await self._read(lambda db: read.find_task(db, id_, owner))

    async def attempts(self, id_: str, owner: str | None) -> list[Attempt]:
        """See `read.attempts`."""
        return await self._read(lambda db: read.attempts(db, id_, owner))

    async def position(self, task: Task) -> int | None:
        """See `read.position`."""
        return await self._read(lambda db: read.position(db, task))

    async def list_tasks(
        self, owner: str | None, status: TaskStatus | None, name: str | None, limit: int, cursor: str | None
    ) -> Page:
        """See `read.list_tasks`."""
        return await self._read(lambda db: read.list_tasks(db, owner, status, name, limit, cursor))

    async def stats(self, owner: str | None) -> Stats:
        """See `read.stats`."""
        return await self._read(lambda db: read.stats(db, owner, self._clock.now()))

    async def finished(self, after: read.Moment, until: float, most: int) -> tuple[list[Finished], read.Moment | None]:
        """See `read.finished`."""
        return await self._read(lambda db: read.finished(db, after, until, most))

    def subscribe(self, *topics: str) -> Subscription:
        """Be told of changes of tasks (by id) and topics; use it as a context manager."""
        return Subscription(self._hub, topics)

    # --- what people do with tasks ----------------------------------------------------------------------------

    async def cancel(self, id_: str, owner: str | None) -> Task:
        """See `control.cancel`."""
        return await self._write(lambda tx: control.cancel(tx, id_, owner))

    async def retry(self, id_: str, owner: str | None) -> Task:
        """See `control.retry`."""
        return await self._write(lambda tx: control.retry(tx, id_, owner))

    async def answer(self, id_: str, answers: Mapping[str, Any], owner: str | None) -> Task:
        """See `control.answer`."""
        return await self._write(lambda tx: control.answer(tx, id_, answers, owner))

    async def set_priority(self, id_: str, priority: TaskPriority, owner: str | None) -> Task:
        """See `control.set_priority`."""
        return await self._write(lambda tx: control.set_priority(tx, id_, priority, owner))

    # --- claims -----------------------------------------------------------------------------------------------

    async def attach(self, intake: Intake) -> None:
        """A worker of this process takes part: its process watches over others' claims from now on."""
        await self._write(lambda tx: self._introduce(tx, intake.slots.free))
        self._intakes.append(intake)

    def detach(self, intake: Intake) -> None:
        """The worker takes no more claims."""
        self._intakes.remove(intake)
        if not self._intakes:
            self._writer.post(lambda tx: tx.db.execute("DELETE FROM workers WHERE id = ?", (self.worker_id,)))

    async def claim(self, intake: Intake) -> tuple[list[Claim], bool]:
        """Claim what is ready for the worker's free places, and occupy them; and whether more may be ready."""
        return await self._write(lambda tx: self._claim(tx, intake))

    async def finish(self, claim: Claim, outcome: Outcome, progress: Progress | None) -> None:
        """See `finish.finish`."""
        await self._write(_ending(claim, outcome, progress))

    def settle(
        self,
        claim: Claim,
        outcome: Outcome,
        progress: Progress | None,
        wake: Wake,
        then: Callable[[BaseException | None], object],
    ) -> None:
        """`finish` without waiting: `then` runs on the loop of `wake` when it is committed, with what went wrong."""
        self._writer.post(_ending(claim, outcome, progress), wake, then)

    def report(self, claim: Claim, progress: Progress) -> None:
        """Store a running task's progress soon; from any thread."""
        self._writer.post(lambda tx: finish.report(tx, claim, progress))

    async def to_stop(self, held: list[claims.Key]) -> tuple[list[claims.Key], list[claims.Key]]:
        """Which of these claims were asked to cancel, and which are lost."""
        return await self._read(lambda db: claims.to_stop(db, self.worker_id, held))

    async def record(self, claim: Claim, kind: str, content: str, *, key: str | None, prefix: str) -> Record:
        """See `records.record`."""
        return await self._write(
            lambda tx: records.record(tx, kind, claim.id, claim.owner, content, key=key, prefix=prefix)
        )

    async def records(self, wanted: RecordQuery) -> list[Record]:
        """See `records.find`."""
        return await self._read(lambda db: records.find(db, wanted))

    async def forget_records(self, kind: str, older_than_seconds: float) -> int:
        """See `records.forget`."""
        return await self._write(lambda tx: records.forget(tx, kind, older_than_seconds))

    async def forget(self, found: Sequence[Record]) -> None:
        """See `records.forget_these`."""
        await self._write(lambda tx: records.forget_these(tx, found))

    # --- schedules and retention ------------------------------------------------------------------------------

    async def write_schedule(self, operation: Callable[[Transaction], T]) -> T:
        """Run one of the functions of `schedules`."""
        return await self._write(operation)

    async def schedules(self) -> list[Schedule]:
        """See `schedules.list_all`."""
        return await self._read(schedules.list_all)

    async def prune(self, keep_seconds: Mapping[TaskStatus, float], most: int) -> list[str]:
        """See `prune.prune`."""
        return await self._write(lambda tx: prune.prune(tx, keep_seconds, most))

    async def expired(self, keep_seconds: Mapping[TaskStatus, float]) -> list[str]:
        """See `prune.expired`."""
        return await self._read(lambda db: prune.expired(db, self._clock.now(), keep_seconds))

    async def recorded_paths(self) -> set[str]:
        """See `read.recorded_paths`."""
        return await self._read(read.recorded_paths)

    async def check(self) -> None:
        """Raises `StorageUnavailable` unless something can be stored and read."""
        await self._write(lambda _: None)
        await self._read(lambda _: None)

    def close(self) -> None:
        """Execute what waits, let go of the lock, close the file. Blocks for as long as the last commit takes."""
        self._reader.close()
        self._writer.close()
        if self._lock:
            self._lock.release()

    # --- inside -----------------------------------------------------------------------------------------------

    async def _read(self, operation: Callable[[Database], T]) -> T:
        if self._lock is None:
            await self._write(lambda _: None)  # the file and its tables are made by the writer
        return await self._reader.call(operation)

    def _open(self) -> Database:
        db = open_writer(self.path, self._synchronous)
        try:
            make_folder(self._artifact_folder)
            self._lock = self._lock or ProcessLock(self._lock_folder, self._worker_name)
        except OSError as error:
            db.close()
            raise StorageUnavailable(f"{self._lock_folder.parent} cannot be written: {error}") from error
        return db

    @property
    def worker_id(self) -> str:
        """The name of this process in claims."""
        assert self._lock is not None
        return self._lock.id

    @property
    def _process(self) -> submission.Process:
        return submission.Process(self._intakes, self.worker_id, self._lease_seconds)

    def _submit_all(self, tx: Transaction, news: Sequence[NewTask]) -> list[submission.Stored]:
        return submission.submit_all(tx, news, self._process, self._limits)

    def _introduce(self, tx: Transaction, slots: int) -> None:
        row = (self.worker_id, os.getpid(), socket.gethostname(), slots, tx.now)
        tx.db.execute("INSERT OR REPLACE INTO workers (id, pid, host, slots, started_at) VALUES (?, ?, ?, ?, ?)", row)

    def _claim(self, tx: Transaction, intake: Intake) -> tuple[list[Claim], bool]:
        slots = intake.slots
        found, more = claims.claim(tx, slots.limits(), slots.free, self.worker_id, self._lease_seconds)
        for claim in found:
            intake.slots.take(claim.name)
            tx.on_undo(partial(intake.slots.give, claim.name))
        return found, more

    def _look_around(self, db: Database) -> None:
        """Twenty times a second: what did other processes do, who died, what is due?"""
        deliveries: Deliveries = {}
        try:
            version = int(db.execute("PRAGMA data_version").get)
            if version != self._data_version:
                self._data_version = version
                self._hub.publish_all(deliveries)
            if self._intakes:
                self._watch_over_claims(db, deliveries)
            self._log.shrink_when_idle(db, self._clock.monotonic())
        except (OSError, apsw.Error):
            _log.exception("the queue's files could not be watched")
        except QueueClosed:
            pass  # what was found so far is still told
        deliver(deliveries)

    def _watch_over_claims(self, db: Database, deliveries: Deliveries) -> None:
        assert self._lock is not None
        monotonic = self._clock.monotonic()
        ahead, before = self._clock.now() - monotonic, self._wall_ahead
        self._wall_ahead = ahead
        if ahead < before - _CLOCK_SLACK_SECONDS:
            self._writer.post(line.mend_delays)
        if monotonic >= self._next_renewal:
            self._next_renewal = monotonic + self._lease_seconds / 3
            self._writer.post(lambda tx: claims.renew(tx, self.worker_id, self._lease_seconds))
        if monotonic >= self._next_expiry:
            self._next_expiry = monotonic + min(1.0, self._lease_seconds / 3)
            if claims.any_expired(db, monotonic):
                self._writer.post(claims.reclaim_expired)
            for worker in claims.leased_beyond(db, monotonic + self._lease_seconds):
                if not self._lock.has_file_of(worker):  # the clock started again, and nobody can find it dead
                    self._writer.post(partial(claims.reclaim_from, worker=worker))
        due = line.next_due(db)
        if due is not None and due <= self._clock.now():
            self._hub.publish([READY], deliveries)
        for process in self._lock.dead():
            try:
                self._writer.post(partial(_reclaim, process))
            except QueueClosed:
                process.leave()
                raise


def _ending(claim: Claim, outcome: Outcome, progress: Progress | None) -> Callable[[Transaction], None]:
    """Plain successes, which come in crowds, are stored together."""
    if isinstance(outcome, Completed) and not outcome.artifacts:
        return Together(finish.complete_all, (claim, outcome, progress))
    return partial(finish.finish, claim=claim, outcome=outcome, progress=progress)


def _reclaim(process: DeadProcess, tx: Transaction) -> None:
    tx.on_commit(process.bury)
    tx.on_undo(process.leave)
    claims.reclaim_from(tx, process.id)
