"""Group commit: all operations that wait become one transaction.

A reply never precedes its commit. An operation that fails is undone alone; a commit that fails fails all.

Statements are few and fat, for a reason that is not in SQL: each one lets go of Python's global lock and has to
get it back from a busy event loop, which costs more than the statement. So the verbs that come in crowds
(submit, finish) are done `Together`, in one statement for all.
"""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import apsw

from mcp_tasks.clock import Clock
from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite.connection import storage_error
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.hub import Hub
from mcp_tasks.sqlite.schema import VERSION, version_of
from mcp_tasks.sqlite.thread import Call, Deliveries, fail, run_all
from mcp_tasks.wake import Wake

A = TypeVar("A")
R = TypeVar("R")


class Transaction:
    """What an operation works with: the connection, one reading of the clocks, and what to tell at the commit."""

    __slots__ = ("committed", "db", "monotonic", "now", "sent", "topics", "undone")

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.now = clock.now()
        self.monotonic = clock.monotonic()
        self.topics: list[str] = []
        self.sent: list[tuple[Wake, Callable[[], object]]] = []
        self.committed: list[Callable[[], object]] = []
        self.undone: list[Callable[[], object]] = []

    def changed(self, *topics: str) -> None:
        """Tell the subscribers of `topics` when this is committed."""
        self.topics.extend(topics)

    def send(self, wake: Wake, function: Callable[[], object]) -> None:
        """Run `function` on that loop when this is committed."""
        self.sent.append((wake, function))

    def on_commit(self, function: Callable[[], object]) -> None:
        """Run `function` in the writer thread when this is committed."""
        self.committed.append(function)

    def on_undo(self, function: Callable[[], object]) -> None:
        """Run `function` in the writer thread when this is not committed."""
        self.undone.append(function)


class Together(Generic[A, R]):
    """An operation of a verb that does many at once: it takes all arguments and returns as many results."""

    __slots__ = ("argument", "verb")

    def __init__(self, verb: "Callable[[Transaction, list[A]], Sequence[R]]", argument: A) -> None:
        self.verb = verb
        self.argument = argument

    def __call__(self, tx: Transaction) -> R:
        return self.verb(tx, [self.argument])[0]


class GroupCommit:
    """Executes a batch of calls on the writer's connection."""

    def __init__(self, path: Path, clock: Clock, hub: Hub) -> None:
        self._path = path
        self._clock = clock
        self._hub = hub

    def __call__(self, db: Database, calls: list[Call[Any]]) -> Deliveries:
        """First all at once, without savepoints; if one operation fails, undo all and go again, each on its own."""
        transaction = Transaction(db, self._clock)
        try:
            db.execute("BEGIN IMMEDIATE")
            self._check_version(db)
            try:
                for group in _grouped(calls):
                    _execute(transaction, group)
            except Exception:
                if not db.in_transaction:
                    raise  # SQLite has rolled back by itself, as it does when the disk is full
                transaction = self._one_by_one(transaction, calls)
            db.execute("COMMIT")
        except (apsw.Error, StorageUnavailable) as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            run_all(transaction.undone)
            fault = error if isinstance(error, StorageUnavailable) else storage_error(error, self._path)
            fail(calls, fault)
            return {}
        run_all(transaction.committed)
        deliveries: Deliveries = {}
        for wake, function in transaction.sent:
            deliveries.setdefault(wake, []).append(function)
        self._hub.publish(transaction.topics, deliveries)
        return deliveries

    def _one_by_one(self, failed: Transaction, calls: list[Call[Any]]) -> Transaction:
        """Every operation in its own savepoint: the faulty ones are undone alone, and keep their error."""
        db = failed.db
        db.execute("ROLLBACK")
        run_all(failed.undone)
        db.execute("BEGIN IMMEDIATE")
        transaction = Transaction(db, self._clock)
        for call in calls:
            marks = [(notes, len(notes)) for notes in (transaction.topics, transaction.sent, transaction.committed)]
            first_undo = len(transaction.undone)
            db.execute("SAVEPOINT operation")
            try:
                call.result = call.operation(transaction)
            except Exception as error:
                if not db.in_transaction:
                    raise
                call.error = storage_error(error, self._path) if isinstance(error, apsw.Error) else error
                db.execute("ROLLBACK TO operation")
                for notes, length in marks:
                    del notes[length:]
                run_all(transaction.undone[first_undo:])
                del transaction.undone[first_undo:]
            db.execute("RELEASE operation")
        return transaction

    def _check_version(self, db: Database) -> None:
        """Another process may have migrated the file since we opened it."""
        if version_of(db) != VERSION:
            raise StorageUnavailable(f"{self._path} was migrated by another mcp_tasks; restart this process")


def _grouped(calls: list[Call[Any]]) -> list[list[Call[Any]]]:
    """The calls of one crowded verb together, every other call alone. Nobody has been answered: any order will do."""
    groups: dict[object, list[Call[Any]]] = {}
    for call in calls:
        operation = call.operation
        key: object = cast("Together[Any, Any]", operation).verb if isinstance(operation, Together) else call
        groups.setdefault(key, []).append(call)
    return list(groups.values())


def _execute(tx: Transaction, calls: list[Call[Any]]) -> None:
    operation = calls[0].operation
    if isinstance(operation, Together):
        crowd = [cast("Together[Any, Any]", call.operation) for call in calls]
        for call, result in zip(calls, crowd[0].verb(tx, [one.argument for one in crowd]), strict=True):
            call.result = result
    else:
        (call,) = calls
        call.result = call.operation(tx)


class ReadEach:
    """Executes a batch on the reader's connection: each call sees one snapshot, and fails alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, db: Database, calls: list[Call[Any]]) -> Deliveries:
        for call in calls:
            try:
                with db:
                    call.result = call.operation(db)
            except apsw.Error as error:
                call.error = storage_error(error, self._path)
            except Exception as error:
                # Rows that were not read to their end live in the frames, and would keep this snapshot for all.
                traceback.clear_frames(error.__traceback__)
                call.error = error
        return {}
