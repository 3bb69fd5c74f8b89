"""What people do with tasks: cancel, retry, answer."""

import json
from collections.abc import Mapping
from typing import Any

from mcp_tasks.errors import InvalidRequest, TaskAlreadyFinished, TaskNotRetryable
from mcp_tasks.repair import unknown_field
from mcp_tasks.sqlite.commit import Transaction
from mcp_tasks.sqlite.hub import CANCEL, READY
from mcp_tasks.sqlite.line import take_turns
from mcp_tasks.sqlite.read import find_task
from mcp_tasks.sqlite.rows import from_questions
from mcp_tasks.task import Task, TaskPriority, TaskStatus

_CANCEL_WAITING = """
UPDATE tasks SET status = 'cancelled', ready = 0, finished_at = ?, questions = NULL, cancel_requested = 1
WHERE seq = ?
"""
_REQUEST_CANCEL = "UPDATE tasks SET cancel_requested = 1 WHERE seq = ?"
_RETRY = """
UPDATE tasks SET status = 'pending', ready = 1, turn = ?, run_at = ?, finished_at = NULL, failures = 0, error = NULL,
                 progress = NULL, cancel_requested = 0
WHERE seq = ?
"""
# Whoever waits for a time takes a turn when it has come.
_SET_PRIORITY = "UPDATE tasks SET priority = ? WHERE seq = ? AND ready = 0 AND questions IS NULL"
_CHANGE_LINES = "UPDATE tasks SET priority = ?, turn = ? WHERE seq = ?"
_ANSWER = "UPDATE tasks SET questions = NULL, answers = ?, ready = 1, run_at = ? WHERE seq = ?"
_ANSWER_SOME = "UPDATE tasks SET questions = ?, answers = ? WHERE seq = ?"


def cancel(tx: Transaction, id_: str, owner: str | None) -> Task:
    """Cancel a waiting task, or ask a running one to stop. A second time changes nothing and says the same."""
    task = find_task(tx.db, id_, owner)
    match task.status:
        case TaskStatus.CANCELLED:
            return task
        case TaskStatus.COMPLETED | TaskStatus.FAILED:
            raise TaskAlreadyFinished(
                f"task {id_} is already {task.status}; nothing is left to cancel", status=str(task.status)
            )
        case TaskStatus.PENDING | TaskStatus.RETRYING:
            tx.db.execute(_CANCEL_WAITING, (tx.now, task.seq))
            tx.changed(id_)
        case TaskStatus.RUNNING:
            tx.db.execute(_REQUEST_CANCEL, (task.seq,))
            tx.changed(id_, CANCEL)
    return find_task(tx.db, id_)


def retry(tx: Transaction, id_: str, owner: str | None) -> Task:
    """Put a failed or cancelled task back, with its whole budget of retries."""
    task = find_task(tx.db, id_, owner)
    if task.status not in {TaskStatus.FAILED, TaskStatus.CANCELLED}:
        raise TaskNotRetryable(
            f"task {id_} is {task.status}; only failed and cancelled tasks can be retried", status=str(task.status)
        )
    (turn,) = take_turns(tx, [(int(task.priority), task.owner)])
    tx.db.execute(_RETRY, (turn, tx.now, task.seq))
    tx.changed(id_, READY)
    return find_task(tx.db, id_)


def set_priority(tx: Transaction, id_: str, priority: TaskPriority, owner: str | None) -> Task:
    """Let a waiting task go earlier or later."""
    task = find_task(tx.db, id_, owner)
    if task.is_finished:
        raise TaskAlreadyFinished(f"task {id_} is already {task.status}; it waits no more", status=str(task.status))
    if task.status is TaskStatus.RUNNING:
        raise InvalidRequest(f"task {id_} is running; only waiting tasks change their priority", field="task_id")
    tx.db.execute(_SET_PRIORITY, (int(priority), task.seq))
    if not tx.db.changes():
        (turn,) = take_turns(tx, [(int(priority), task.owner)])
        tx.db.execute(_CHANGE_LINES, (int(priority), turn, task.seq))
    tx.changed(id_, READY)
    return find_task(tx.db, id_)


def answer(tx: Transaction, id_: str, answers: Mapping[str, Any], owner: str | None) -> Task:
    """Answer open questions of a task; when none is left it can be claimed again."""
    task = find_task(tx.db, id_, owner)
    if task.is_finished:
        raise TaskAlreadyFinished(f"task {id_} is already {task.status}; it asks nothing", status=str(task.status))
    if not task.questions:
        raise InvalidRequest(f"task {id_} is {task.status} and asks nothing", field="task_id", received=id_)
    open_fields = [q.field for q in task.questions]
    for field in answers:
        if field not in open_fields:
            raise unknown_field(field, open_fields)
    if not answers:
        raise InvalidRequest(f"answer {' and '.join(open_fields)}", field=open_fields[0], allowed=open_fields)
    merged = json.dumps({**task.answers, **answers}, ensure_ascii=False)
    left = tuple(q for q in task.questions if q.field not in answers)
    if left:
        tx.db.execute(_ANSWER_SOME, (from_questions(left), merged, task.seq))
    else:
        tx.db.execute(_ANSWER, (merged, tx.now, task.seq))
        tx.changed(READY)
    tx.changed(id_)
    return find_task(tx.db, id_)
