"""What outlives tasks: records under a key, numbered in a series whose numbers are never used twice."""

from mcp_tasks.sqlite.commit import Transaction

_OF_TASK = "SELECT key FROM records WHERE kind = ? AND task_id = ?"
_TAKEN = "SELECT 1 FROM records WHERE kind = ? AND key = ? LIMIT 1"
_NEXT = "INSERT INTO series VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last"
_INSERT = "INSERT INTO records (kind, key, task_id, owner, created_at, content) VALUES (?, ?, ?, ?, ?, ?)"


def record(tx: Transaction, kind: str, task_id: str, owner: str, content: str, *, key: str | None, prefix: str) -> str:
    """Keep `content` (JSON text) under `key`, or under the next number of the series `prefix`; returns the key.

    A task keeps one record of a kind: a second attempt gets the key of the first.
    """
    known = tx.db.execute(_OF_TASK, (kind, task_id)).get
    if known is not None:
        return str(known)
    chosen = key or _next_key(tx, kind, prefix)
    tx.db.execute(_INSERT, (kind, chosen, task_id, owner, tx.now, content))
    return chosen


def _next_key(tx: Transaction, kind: str, prefix: str) -> str:
    """`prefix` and at least four digits; numbers that somebody chose by hand are skipped."""
    while True:
        key = f"{prefix}{tx.db.execute(_NEXT, (prefix,)).get:04d}"
        if tx.db.execute(_TAKEN, (kind, key)).get is None:
            return key
