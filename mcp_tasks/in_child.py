"""One attempt of a process function, across the border of processes: what is sent there, and what happens there."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mcp_tasks.context import NeedsAnswers, TaskContext
from mcp_tasks.errors import PermanentError
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.task import Claim, Json, Progress, Record

PROCESS_ENTRY = f"{__name__}:run_in_child"


def process_payload(function: TaskFunction, claim: Claim, scratch: str) -> Json:
    """What a child needs to run one attempt of a process function."""
    call = function.call
    if "<locals>" in call.__qualname__:
        raise PermanentError(f"{function.name}: a process function must be defined at the top of a module")
    return {
        "module": call.__module__,
        "function": call.__qualname__,
        "name": function.name,
        "claim": [
            claim.seq, claim.id, claim.attempt, claim.name, claim.params, claim.owner, claim.failures,
            claim.max_retries, claim.timeout, dict(claim.answers),
        ],
        "scratch": scratch,
    }  # fmt: skip


def run_in_child(payload: dict[str, Any], emit: Callable[[Json], None]) -> Json:
    """Run one attempt of a process function; in the child. Returns its result's JSON text, or its questions."""
    found: Any = (
        importlib.import_module(payload["module"]) if payload["module"] != "__main__" else sys.modules["__main__"]
    )
    for part in payload["function"].split("."):
        found = getattr(found, part)
    function: TaskFunction = getattr(found, "function", None) or task_function(found, name=payload["name"])
    context = TaskContext(Claim(*payload["claim"]), _ChildIO(Path(payload["scratch"]), emit))
    try:
        return {"result": function.dump_result(function.call(**function.load_params(payload["claim"][4], context)))}
    except NeedsAnswers as asked:
        return {"questions": [[q.field, q.text, q.form] for q in asked.questions]}


class _ChildIO:
    """AttemptIO over the child's frames."""

    cancelled = False  # a process function is killed, not asked

    def __init__(self, scratch: Path, emit: Callable[[Json], None]) -> None:
        self._scratch = scratch
        self._emit = emit

    def progress(self, progress: Progress) -> None:
        self._emit({"done": progress.done, "total": progress.total, "message": progress.message})

    def artifact(self, name: str, media_type: str) -> Path:
        self._emit({"artifact": name, "media_type": media_type})
        return self._scratch / name

    async def record(self, kind: str, content: Json, key: str | None, prefix: str) -> Record:
        raise PermanentError("a process function keeps no records; do it in a loop function that calls a process")

    async def kept_before(self, kind: str, key: str) -> Record | None:
        raise PermanentError("a process function reads no records; do it in a loop function that calls a process")

    async def call_process(self, entry: str, payload: Json) -> Json:
        raise PermanentError("a process function is in a process already")
