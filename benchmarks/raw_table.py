"""The floor of a submission: the same columns in a bare SQLite table, one commit each, as durable as ours."""

import json
import secrets
import time
from pathlib import Path
from typing import Any, cast

import apsw

from mcp_tasks.sqlite.database import Database

# The columns of `tasks`, and of its indexes only what tells one task from another.
_TABLE = """
CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, params TEXT NOT NULL,
  priority INTEGER NOT NULL, status TEXT NOT NULL, ready INTEGER NOT NULL, owner TEXT NOT NULL,
  idempotency_key TEXT, schedule TEXT, created_at REAL NOT NULL, run_at REAL NOT NULL, started_at REAL,
  finished_at REAL, attempt INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  max_retries INTEGER NOT NULL, timeout REAL, lease REAL, worker TEXT, cancel_requested INTEGER NOT NULL DEFAULT 0,
  progress TEXT, questions TEXT, answers TEXT, result TEXT, error TEXT, metadata TEXT
) STRICT
"""
_INSERT = """
INSERT INTO tasks (id, name, params, priority, status, ready, owner, idempotency_key, schedule, created_at, run_at,
                   max_retries, timeout, metadata)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class RawTable:
    """A SQLite file written inline by whoever calls, without a queue around it."""

    def __init__(self, folder: Path) -> None:
        self._connection = cast(Database, apsw.Connection(str(folder / "raw.db")))
        for statement in ("PRAGMA journal_mode = wal", "PRAGMA synchronous = FULL", _TABLE):
            self._connection.execute(statement).fetchall()

    def insert(self, n: int) -> None:
        """Store one pending task, on the disk when this returns."""
        now = time.time()
        params = json.dumps({"i": n}, separators=(",", ":"))
        row: tuple[Any, ...] = (
            secrets.token_hex(16), "noop", params, 2, "pending", 1, "local", None, None, now, now, 3, None, None,
        )  # fmt: skip
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(_INSERT, row)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
