"""The end of an attempt, by the claim that ran it: one transition, one row of history, both or neither."""

from typing import assert_never

from mcp_tasks.errors import ClaimLost
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.hub import READY
from mcp_tasks.sqlite.rows import from_error, from_progress, from_questions
from mcp_tasks.task import (
    WORKER_LOST,
    Asked,
    Cancelled,
    Claim,
    Completed,
    Failed,
    Lost,
    Next,
    Outcome,
    Progress,
    Released,
    Running,
    after,
)

_FENCE = "id = ? AND attempt = ? AND status = 'running'"
_CLAIMED = f"SELECT seq, failures, max_retries, cancel_requested, started_at, worker FROM tasks WHERE {_FENCE}"  # noqa: S608 - ours
_MOVE = """
UPDATE tasks SET status = ?, ready = ?, run_at = coalesce(?, run_at), finished_at = ?, failures = ?, lease = NULL,
                 worker = NULL, progress = coalesce(?, progress), questions = ?, result = ?, error = ?
WHERE seq = ?
"""
_HISTORY = """
INSERT INTO attempts (task, attempt, started_at, ended_at, outcome, error, traceback, worker)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ARTIFACT = "INSERT OR REPLACE INTO artifacts (task, name, media_type, bytes, sha256, path) VALUES (?, ?, ?, ?, ?, ?)"
_PROGRESS = f"UPDATE tasks SET progress = ? WHERE {_FENCE}"  # noqa: S608 - ours


def finish(tx: Transaction, claim: Claim, outcome: Outcome, progress: Progress | None) -> Next:
    """End the claimed attempt. Raises `ClaimLost`, changing nothing, when the attempt is no longer the current one."""
    return _end(tx, claim.id, claim.attempt, outcome, progress)


def lose(tx: Transaction, id_: str, attempt: int) -> None:
    """End an attempt whose process is gone."""
    _end(tx, id_, attempt, Lost(), None)


def report(tx: Transaction, claim: Claim, progress: Progress) -> None:
    """Store how far an attempt is; a lost claim reports to nobody."""
    tx.db.execute(_PROGRESS, (from_progress(progress), claim.id, claim.attempt))
    if tx.db.changes():
        tx.changed(claim.id)


def _end(tx: Transaction, id_: str, attempt: int, outcome: Outcome, progress: Progress | None) -> Next:
    row = tx.db.execute(_CLAIMED, (id_, attempt)).fetchone()
    if row is None:
        raise ClaimLost(f"attempt {attempt} of task {id_} was reclaimed; its outcome is not recorded")
    seq, failures, max_retries, cancel_requested, started_at, worker = row
    following = after(Running(failures, max_retries, bool(cancel_requested)), outcome)
    tx.db.execute(
        _MOVE,
        (
            following.status,
            int(following.ready),
            tx.now + following.delay if following.delay else None,
            tx.now if following.status.is_terminal else None,
            following.failures,
            from_progress(progress),
            from_questions(outcome.questions) if isinstance(outcome, Asked) and following.status == "pending" else None,
            outcome.result if isinstance(outcome, Completed) else None,
            from_error(following.error),
            seq,
        ),
    )
    _record_attempt(tx, seq, attempt, started_at, worker, outcome)
    tx.changed(id_)
    if not following.status.is_terminal:
        tx.changed(READY)
    return following


def _record_attempt(tx: Transaction, seq: int, attempt: int, started_at: float, worker: str, outcome: Outcome) -> None:
    error, traceback = None, None
    match outcome:
        case Completed(_, artifacts):
            word = "completed"
            for a in artifacts:
                tx.db.execute(_ARTIFACT, (seq, a.name, a.media_type, a.bytes, a.sha256, a.path))
        case Failed(error, _, traceback):
            word = "failed"
        case Lost():
            word, error = "failed", WORKER_LOST
        case Cancelled():
            word = "cancelled"
        case Released():
            word = "released"
        case Asked():
            word = "asked"
        case _:
            assert_never(outcome)
    tx.db.execute(_HISTORY, (seq, attempt, started_at, tx.now, word, from_error(error), traceback, worker))
