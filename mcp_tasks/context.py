"""What a task function learns of its task, and can tell and ask it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from mcp_tasks.artifacts import check_name
from mcp_tasks.errors import McpTasksError
from mcp_tasks.task import Claim, Json, Progress, Question, Record


class AttemptIO(Protocol):
    """What carries a function's words to its task, in whatever process the function runs."""

    @property
    def cancelled(self) -> bool:
        """Whether the function should come to an end."""
        ...

    def progress(self, progress: Progress) -> None:
        """Report how far it is."""
        ...

    def artifact(self, name: str, media_type: str) -> Path:
        """Announce a file; returns where to write it."""
        ...

    async def record(self, kind: str, content: Json, key: str | None, prefix: str) -> Record:
        """Keep something beyond the task's retention."""
        ...

    async def kept_before(self, kind: str, key: str) -> Record | None:
        """What another task of the same owner kept last under a key."""
        ...

    async def call_process(self, entry: str, payload: Json) -> Json:
        """Run `entry` in a child process."""
        ...


class TaskContext:
    """What a task function learns of its task, and tells it. Annotate a parameter with it to receive it."""

    def __init__(self, claim: Claim, io: AttemptIO) -> None:
        self.task_id = claim.id
        self.name = claim.name
        self.owner = claim.owner
        self.attempt = claim.attempt
        self.failures = claim.failures
        self.answers: Mapping[str, Any] = claim.answers
        self._io = io

    @property
    def cancelled(self) -> bool:
        """True when somebody asked to cancel, or the worker is closing. Thread functions look at it now and then."""
        return self._io.cancelled

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Say how far the function is; cheap, for it is stored at most four times a second."""
        self._io.progress(Progress(done, total, message))

    def artifact(self, name: str, media_type: str | None = None) -> Path:
        """Where to write the file `name`. It appears with the task's result, whole, or not at all."""
        import mimetypes  # here, for it reads the system's tables

        known = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._io.artifact(check_name(name), known)

    async def record(self, kind: str, content: Json, *, key: str | None = None, prefix: str = "") -> Record:
        """Keep `content` in the records of `kind`, which outlive tasks; `TaskQueue.records` reads them.

        Without a `key` it is `prefix` and the next number of that prefix, never used twice. What its owner kept under
        a `key` before stays: this is its next revision. A second attempt of the same task gets the record of the
        first. For loop functions.
        """
        return await self._io.record(kind, content, key, prefix)

    async def kept_before(self, kind: str, key: str) -> Record | None:
        """What another task of the same owner kept last under `key`, if anything. For loop functions."""
        return await self._io.kept_before(kind, key)

    async def call_process(self, entry: str, payload: Json) -> Json:
        """Call `entry` ("package.module:function") with (payload, emit) in a child process. For loop functions.

        A dictionary with `done`, `total` and `message` that the entry emits becomes the task's progress. The
        child is killed when the task is cancelled or out of time.
        """
        return await self._io.call_process(entry, payload)


class NeedsAnswers(McpTasksError):
    """Raised by a task function that cannot go on: the attempt ends, and runs again with `ctx.answers`."""

    def __init__(self, *questions: Question) -> None:
        super().__init__("; ".join(q.text for q in questions))
        self.questions = questions
