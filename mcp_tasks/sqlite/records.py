"""What outlives tasks: records under a key, numbered in a series whose numbers are never used twice."""

import json
from collections.abc import Sequence
from typing import Any

from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import Database
from mcp_tasks.task import Record, RecordQuery

_COLUMNS = "kind, key, revision, task_id, owner, created_at, content"
_OF_TASK = f"SELECT {_COLUMNS} FROM records WHERE kind = ? AND task_id = ?"  # noqa: S608 - the columns are ours
_TAKEN = "SELECT 1 FROM records WHERE kind = ? AND key = ? LIMIT 1"
_NEXT = "INSERT INTO series VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last"
_INSERT = f"""
INSERT INTO records ({_COLUMNS})
SELECT ?1, ?2, coalesce(max(revision), 0) + 1, ?3, ?4, ?5, ?6 FROM records WHERE kind = ?1 AND key = ?2 AND owner = ?4
RETURNING {_COLUMNS}
"""  # noqa: S608
_OLDER_THAN = "seq < (SELECT seq FROM records AS last WHERE last.kind = records.kind AND last.task_id = ?)"
_LATEST = """NOT EXISTS (
  SELECT 1 FROM records AS later
  WHERE later.kind = records.kind AND later.key = records.key AND later.owner = records.owner
  AND later.revision > records.revision
)"""
_FORGET_ONE = "DELETE FROM records WHERE kind = ? AND task_id = ?"
_FORGET = "DELETE FROM records WHERE kind = ? AND created_at < ?"


def record(
    tx: Transaction, kind: str, task_id: str, owner: str, content: str, *, key: str | None, prefix: str
) -> Record:
    """Keep `content` (JSON text) under `key`, or under the next number of the series `prefix`.

    What an owner keeps under a key that he used before is its next revision. A task keeps one record of a kind: a
    second attempt gets that of the first.
    """
    known = tx.db.execute(_OF_TASK, (kind, task_id)).fetchone()
    if known is not None:
        return _to_record(known)
    chosen = key or _next_key(tx, kind, prefix)
    (kept,) = tx.db.execute(_INSERT, (kind, chosen, task_id, owner, tx.now, content)).fetchall()
    return _to_record(kept)


def forget(tx: Transaction, kind: str, older_than_seconds: float) -> int:
    """Delete records of that kind that are older; returns how many."""
    tx.db.execute(_FORGET, (kind, tx.now - older_than_seconds))
    return tx.db.changes()


def forget_these(tx: Transaction, records: Sequence[Record]) -> None:
    """Delete records that were found."""
    for found in records:
        tx.db.execute(_FORGET_ONE, (found.kind, found.task_id))


def find(db: Database, wanted: RecordQuery) -> list[Record]:
    """The records that are wanted, newest first."""
    conditions = {
        "key = ?": wanted.key,
        "revision = ?": wanted.revision,
        "task_id = ?": wanted.task_id,
        "owner = ?": wanted.owner,
        "created_at >= ?": wanted.since,
        "created_at < ?": wanted.until,
        _OLDER_THAN: None if wanted.after is None else wanted.after.task_id,
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    where = " AND ".join(["kind = ?", *given, *[_LATEST] * wanted.latest])
    order = "seq" if wanted.key is None or wanted.owner is None else "revision"  # the same, by the index of the key
    found = db.execute(
        f"SELECT {_COLUMNS} FROM records WHERE {where} ORDER BY {order} DESC LIMIT ?",  # noqa: S608 - the conditions are ours
        (wanted.kind, *given.values(), wanted.limit),
    )
    return [_to_record(row) for row in found]


def _next_key(tx: Transaction, kind: str, prefix: str) -> str:
    """`prefix` and at least four digits; numbers that somebody chose by hand are skipped."""
    while True:
        key = f"{prefix}{tx.db.execute(_NEXT, (prefix,)).get:04d}"
        if tx.db.execute(_TAKEN, (kind, key)).get is None:
            return key


def _to_record(row: tuple[Any, ...]) -> Record:
    kind, key, revision, task_id, owner, created_at, content = row
    return Record(kind, key, revision, task_id, owner, created_at, json.loads(content))
