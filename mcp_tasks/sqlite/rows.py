"""From rows to values and back: the one place that knows the order of the columns."""

import json
from dataclasses import asdict
from typing import Any

from mcp_tasks.task import (
    Artifact,
    Attempt,
    Progress,
    Question,
    Task,
    TaskError,
    TaskPriority,
    TaskStatus,
)

TASK_COLUMNS = (
    "seq, id, name, params, priority, status, owner, created_at, run_at, attempt, failures, max_retries, timeout, "
    "idempotency_key, started_at, finished_at, worker, cancel_requested, progress, questions, answers, result, "
    "error, metadata"
)
ATTEMPT_COLUMNS = "attempt, started_at, ended_at, outcome, error, traceback, worker"
ARTIFACT_COLUMNS = "name, media_type, bytes, sha256, path"


def to_task(row: tuple[Any, ...], artifacts: tuple[Artifact, ...] = ()) -> Task:
    """A row of TASK_COLUMNS as a Task."""
    (
        seq, id_, name, params, priority, status, owner, created_at, run_at, attempt, failures, max_retries, timeout,
        idempotency_key, started_at, finished_at, worker, cancel_requested, progress, questions, answers, result,
        error, metadata,
    ) = row  # fmt: skip
    return Task(
        seq=seq,
        id=id_,
        name=name,
        params_json=params,
        priority=TaskPriority(priority),
        status=TaskStatus(status),
        owner=owner,
        created_at=created_at,
        run_at=run_at,
        attempt=attempt,
        failures=failures,
        max_retries=max_retries,
        timeout=timeout,
        idempotency_key=idempotency_key,
        started_at=started_at,
        finished_at=finished_at,
        worker=worker,
        cancel_requested=bool(cancel_requested),
        progress=Progress(*json.loads(progress)) if progress else None,
        questions=tuple(Question(*q) for q in json.loads(questions)) if questions else (),
        answers=json.loads(answers) if answers else {},
        result=json.loads(result) if result else None,
        error=to_error(error),
        artifacts=artifacts,
        metadata=json.loads(metadata) if metadata else {},
    )


def to_attempt(row: tuple[Any, ...]) -> Attempt:
    """A row of ATTEMPT_COLUMNS as an Attempt."""
    attempt, started_at, ended_at, outcome, error, traceback, worker = row
    return Attempt(attempt, started_at, ended_at, outcome, to_error(error), traceback, worker)


def to_artifact(row: tuple[Any, ...]) -> Artifact:
    """A row of ARTIFACT_COLUMNS as an Artifact."""
    return Artifact(*row)


def to_error(text: str | None) -> TaskError | None:
    """The stored JSON of an error as a TaskError."""
    return TaskError(**json.loads(text)) if text else None


def from_error(error: TaskError | None) -> str | None:
    """A TaskError as the JSON that is stored."""
    return json.dumps(asdict(error), ensure_ascii=False) if error else None


def from_progress(progress: Progress | None) -> str | None:
    """A Progress as the JSON that is stored."""
    if progress is None:
        return None
    return json.dumps([progress.done, progress.total, progress.message], ensure_ascii=False)


def from_questions(questions: tuple[Question, ...]) -> str | None:
    """Questions as the JSON that is stored; None for none."""
    return json.dumps([[q.field, q.text, q.form] for q in questions], ensure_ascii=False) if questions else None
