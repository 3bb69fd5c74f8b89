"""The end of an attempt, by the claim that ran it: one transition, one row of history, both or neither."""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias, assert_never

from mcp_tasks.errors import ClaimLost
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.database import chunks, values
from mcp_tasks.sqlite.hub import ARTIFACTS, READY
from mcp_tasks.sqlite.rows import from_error, from_progress, from_questions
from mcp_tasks.task import (
    WORKER_LOST,
    Asked,
    Cancelled,
    Claim,
    Completed,
    Failed,
    Lost,
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


Ending: TypeAlias = tuple[Claim, Completed, Progress | None]


def finish(tx: Transaction, claim: Claim, outcome: Outcome, progress: Progress | None) -> None:
    """End the claimed attempt. Raises `ClaimLost`, changing nothing, when the attempt is no longer the current one."""
    _end(tx, claim.id, claim.attempt, outcome, progress)


def complete_all(tx: Transaction, endings: Sequence[Ending]) -> list[None]:
    """End attempts that succeeded and left no files, all in two statements. Raises `ClaimLost` if one is lost."""
    for chunk in chunks(list(endings)):
        record, complete = _complete_of(len(chunk))
        keys = [value for claim, _, _ in chunk for value in (claim.seq, claim.id, claim.attempt)]
        tx.db.execute(record, [*keys, tx.now])
        if tx.db.changes() != len(chunk):
            ids = ", ".join(claim.id for claim, _, _ in chunk)
            raise ClaimLost(f"the claim of task {ids} was reclaimed; its outcome is not recorded")
        results = [
            value
            for claim, outcome, progress in chunk
            for value in (claim.seq, outcome.result, from_progress(progress))
        ]
        tx.db.execute(complete, [*results, tx.now])
        tx.changed(*(claim.id for claim, _, _ in chunk))
    return [None] * len(endings)


@cache
def _complete_of(rows: int) -> tuple[str, str]:
    """The statements that record and complete so many attempts; the first one checks the fence for both."""
    record = f"""
        WITH done (seq, id, attempt) AS (VALUES {values(rows, 3)})
        INSERT INTO attempts (task, attempt, started_at, ended_at, outcome, worker)
        SELECT tasks.seq, tasks.attempt, tasks.started_at, ?, 'completed', tasks.worker
        FROM done CROSS JOIN tasks ON tasks.seq = done.seq
        WHERE tasks.id = done.id AND tasks.attempt = done.attempt AND tasks.status = 'running'
    """  # noqa: S608 - ours
    complete = f"""
        WITH done (seq, result, progress) AS (VALUES {values(rows, 3)})
        UPDATE tasks SET status = 'completed', finished_at = ?, lease = NULL, worker = NULL, error = NULL,
                         progress = coalesce(done.progress, tasks.progress), result = done.result
        FROM done WHERE tasks.seq = done.seq
    """  # noqa: S608 - ours
    return record, complete


def lose(tx: Transaction, id_: str, attempt: int) -> None:
    """End an attempt whose process is gone."""
    _end(tx, id_, attempt, Lost(), None)


def report(tx: Transaction, claim: Claim, progress: Progress) -> None:
    """Store how far an attempt is; a lost claim reports to nobody."""
    tx.db.execute(_PROGRESS, (from_progress(progress), claim.id, claim.attempt))
    if tx.db.changes():
        tx.changed(claim.id)


def _end(tx: Transaction, id_: str, attempt: int, outcome: Outcome, progress: Progress | None) -> None:
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
    if isinstance(outcome, Completed) and outcome.artifacts:
        tx.changed(ARTIFACTS)


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
