"""Opening the file: the pragmas that the guarantees rest on, and what SQLite's faults mean to a caller."""

import os
import random
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Literal, cast

import apsw

from mcp_tasks.errors import StorageUnavailable
from mcp_tasks.sqlite import schema
from mcp_tasks.sqlite.database import Database

Synchronous = Literal["FULL", "NORMAL"]

BUSY_SECONDS = 5.0
_WAL_BYTES_KEPT = 16 * 1024 * 1024
# From then on a commit copies the log into the database, as often as it must, for which it syncs twice more.
_WAL_PAGES = 3_000


def open_writer(path: Path, synchronous: Synchronous) -> Database:
    """The one connection of this process that writes. The file and its tables are made when they are missing.

    Raises `StorageUnavailable` when the folder cannot be written or the file is not a queue of ours.
    """
    try:
        make_folder(path.parent)
        connection = apsw.Connection(str(path))
        connection.set_busy_handler(wait_with_jitter())
        connection.transaction_mode = "IMMEDIATE"
        db = cast(Database, connection)
        try:
            _prepare_writer(db, path, synchronous)
        except BaseException:
            db.close()
            raise
    except (OSError, apsw.Error) as error:
        raise storage_error(error, path) from error
    return db


def open_reader(path: Path) -> Database:
    """A connection that cannot write; snapshots are as short as one read."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_handler(wait_with_jitter())
    except apsw.Error as error:
        raise storage_error(error, path) from error
    return cast(Database, connection)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that their names too survive a power cut: what is in them does then."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    if os.name != "nt":  # there folders cannot be synced
        descriptor = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _prepare_writer(db: Database, path: Path, synchronous: Synchronous) -> None:
    schema.check_ownership(db, str(path))
    _write_ahead(db)
    _pragma(db, "synchronous", {"FULL": 2, "NORMAL": 1}[synchronous])
    _pragma(db, "journal_size_limit", _WAL_BYTES_KEPT)
    _pragma(db, "wal_autocheckpoint", _WAL_PAGES)
    if sys.platform == "darwin":  # there, fsync alone does not reach the platter
        _pragma(db, "fullfsync", 1)
        _pragma(db, "checkpoint_fullfsync", 1)
    schema.migrate(db)


def _write_ahead(db: Database) -> None:
    """Give the file a write-ahead log.

    Of processes that do so together one finds it busy at once: SQLite asks no busy handler where two could wait for
    each other.
    """
    wait = wait_with_jitter()
    for tries in count():
        try:
            _pragma(db, "journal_mode", "wal")
        except apsw.BusyError:
            if not wait(tries):
                raise
        else:
            return


def _pragma(db: Database, name: str, value: int | str) -> None:
    """Set one pragma and read its answer: SQLite ignores in silence what it cannot do."""
    db.execute(f"PRAGMA {name} = {value}").fetchall()
    answer = db.execute(f"PRAGMA {name}").get
    if answer != value:
        raise StorageUnavailable(f"SQLite answered {name} = {answer!r} where {value!r} is needed")


def wait_with_jitter() -> Callable[[int], bool]:
    """A busy handler with a deadline. SQLite's own `busy_timeout` backs off so far that writers starve."""
    started = 0.0

    def wait(tries: int) -> bool:
        nonlocal started
        if tries == 0:
            started = time.monotonic()
        time.sleep(random.uniform(0.0003, 0.0007))  # noqa: S311 - jitter, not a secret
        return time.monotonic() - started < BUSY_SECONDS

    return wait


def storage_error(error: Exception, path: Path | str) -> StorageUnavailable:
    """What an operating-system or SQLite fault means, in words that say what to do."""
    match error:
        case apsw.NotADBError():
            text = f"{path} is not a SQLite database; name another file, or move this one away"
        case apsw.CorruptError():
            text = f"{path} is damaged; move it aside and restore a backup, or start with a new file"
        case apsw.FullError():
            text = f"no space is left for {path}; free some and submit again"
        case apsw.BusyError():
            text = f"another process has held the write lock of {path} for {BUSY_SECONDS:.0f} s; try again"
        case apsw.ReadOnlyError() | apsw.CantOpenError() | PermissionError() | NotADirectoryError() | FileExistsError():
            text = f"{path} cannot be opened for writing; check the folder's permissions or name another --data-dir"
        case _:
            text = f"{path}: {error}"
    return StorageUnavailable(text)
