"""SQLite's write-ahead log: it grows for as long as a reader looks at an old state, and nobody makes it small again.

We do, when nothing was written for a while. Copying it into the database keeps no writer waiting; cutting it off
does, for an instant, and only if nobody is there.
"""

from pathlib import Path

from mcp_tasks.sqlite.connection import wait_with_jitter
from mcp_tasks.sqlite.database import Database

IDLE_SECONDS = 1.0
"""How long nothing must have been written, by any process."""

_BYTES_LEFT_ALONE = 1024 * 1024


class WriteAheadLog:
    """What one process knows of the log that all of them share."""

    def __init__(self) -> None:
        self._next_look = 0.0
        self._seen = (0, 0)

    def shrink_when_idle(self, db: Database, monotonic: float) -> None:
        """Call it often: it looks once in a while, and empties a large log that is as it was when it looked last."""
        if monotonic < self._next_look:
            return
        self._next_look = monotonic + IDLE_SECONDS
        seen, self._seen = self._seen, _size_and_time(Path(db.filename_wal))
        if self._seen == seen and seen[0] > _BYTES_LEFT_ALONE:
            _shrink(db)


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _shrink(db: Database) -> None:
    """Whoever is in the way, a reader of an old state or a writer, may stay there: we look again later."""
    busy, pages, copied = db.execute("PRAGMA wal_checkpoint(PASSIVE)").get
    if not busy and copied == pages:
        db.set_busy_handler(None)
        try:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            db.set_busy_handler(wait_with_jitter())
