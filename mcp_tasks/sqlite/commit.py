"""Group commit: all operations that wait become one transaction, each in its own savepoint.

A reply never precedes its commit. An operation that fails is undone alone; a commit that fails fails all.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from mcp_tasks.clock import Clock
from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite.connection import storage_error
from mcp_tasks.sqlite.database import Database
from mcp_tasks.sqlite.hub import Hub
from mcp_tasks.sqlite.schema import VERSION, version_of
from mcp_tasks.sqlite.thread import Call, Deliveries, answers
from mcp_tasks.wake import Wake


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


class GroupCommit:
    """Executes a batch of calls on the writer's connection."""

    def __init__(self, path: Path, clock: Clock, hub: Hub) -> None:
        self._path = path
        self._clock = clock
        self._hub = hub

    def __call__(self, db: Database, calls: list[Call[Any]]) -> Deliveries:
        transaction = Transaction(db, self._clock)
        try:
            db.execute("BEGIN IMMEDIATE")
            self._check_version(db)
            for call in calls:
                self._run(transaction, call, alone=len(calls) == 1)
            db.execute("COMMIT")
        except (apsw.Error, StorageUnavailable) as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            _run_all(transaction.undone)
            fault = error if isinstance(error, StorageUnavailable) else storage_error(error, self._path)
            return answers(calls, fault)
        _run_all(transaction.committed)
        deliveries = answers(calls)
        for wake, function in transaction.sent:
            deliveries.setdefault(wake, []).append(function)
        self._hub.publish(transaction.topics, deliveries)
        return deliveries

    def _run(self, transaction: Transaction, call: Call[Any], *, alone: bool) -> None:
        """Run one operation; if it fails, undo it and keep its error for the caller.

        A lone operation needs no savepoint of its own: the transaction would be empty without it.
        """
        db = transaction.db
        marks = [(notes, len(notes)) for notes in (transaction.topics, transaction.sent, transaction.committed)]
        first_undo = len(transaction.undone)
        if not alone:
            db.execute("SAVEPOINT operation")
        try:
            call.result = call.operation(transaction)
        except Exception as error:
            if not db.in_transaction:
                raise  # SQLite has rolled back everything, as it does when the disk is full
            call.error = storage_error(error, self._path) if isinstance(error, apsw.Error) else error
            if alone:
                db.execute("ROLLBACK")
                db.execute("BEGIN")
            else:
                db.execute("ROLLBACK TO operation")
            for notes, length in marks:
                del notes[length:]
            _run_all(transaction.undone[first_undo:])
            del transaction.undone[first_undo:]
        if not alone:
            db.execute("RELEASE operation")

    def _check_version(self, db: Database) -> None:
        """Another process may have migrated the file since we opened it."""
        if version_of(db) != VERSION:
            raise StorageUnavailable(f"{self._path} was migrated by another mcp_tasks; restart this process")


def _run_all(functions: list[Callable[[], object]]) -> None:
    for function in functions:
        function()


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
                call.error = error
        return answers(calls)
