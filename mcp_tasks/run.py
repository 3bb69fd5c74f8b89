"""One claimed task becomes an outcome: called in the loop, a thread or a child, bounded in time, stoppable."""

import contextlib
import json
import math
import traceback
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Any, assert_never, cast

import anyio
import anyio.to_thread
from anyio import CancelScope, CapacityLimiter

from mcp_tasks.children import ChildDied, ChildFailed, ChildPool
from mcp_tasks.context import NeedsAnswers, TaskContext
from mcp_tasks.errors import PermanentError
from mcp_tasks.functions import TaskFunction
from mcp_tasks.in_child import PROCESS_ENTRY, process_payload
from mcp_tasks.queue import TaskQueue
from mcp_tasks.task import (
    Artifact,
    Asked,
    Cancelled,
    Claim,
    Completed,
    Failed,
    Json,
    Outcome,
    Progress,
    Question,
    Record,
    Released,
    TaskError,
)
from mcp_tasks.wake import Wake, current_wake


class Stop(Enum):
    """Why an attempt is stopped before its function has returned."""

    CANCEL = auto()  # somebody asked to cancel the task
    RELEASE = auto()  # the worker is closing
    LOST = auto()  # the claim is no longer ours


class Run:
    """One attempt of one task. `outcome` runs the function; `stop` ends it early. It is the function's `AttemptIO`.

    `reported` is called, in any thread, when there is new progress to store. `draw` gives numbers in [0, 1).
    """

    def __init__(
        self,
        claim: Claim,
        function: TaskFunction,
        queue: TaskQueue,
        children: ChildPool,
        *,
        reported: "Callable[[Run], None]",
        draw: Callable[[], float],
    ) -> None:
        self.claim = claim
        self.latest: Progress | None = None
        self._function = function
        self._queue = queue
        self._artifacts = queue.store.artifacts
        self._children = children
        self._reported = reported
        self._draw = draw
        self._media_types: dict[str, str] = {}
        self._scope = anyio.CancelScope()
        self._stop: Stop | None = None
        self._thread_ended: anyio.Event | None = None

    async def outcome(self) -> Outcome | None:
        """Run the function to its end, its timeout or its stop. None: the claim is lost, there is nothing to record."""
        if self.claim.timeout is not None:
            self._scope.deadline = anyio.current_time() + self.claim.timeout
        with self._scope:
            return await self._attempt()
        match self._stop:
            case Stop.CANCEL:
                return Cancelled()
            case Stop.RELEASE:
                return Released()
            case Stop.LOST:
                return None
            case None:
                late = self._failure(TaskError("TimeoutError", f"not done after {self.claim.timeout:g} s"), None)
                self._stop = Stop.LOST  # a thread that goes on sees `cancelled`
                return late
            case _:
                assert_never(self._stop)

    def stop(self, why: Stop) -> None:
        """End the attempt soon. A thread cannot be cancelled: asked to, it sees `cancelled` and may still succeed."""
        if self._stop is None:
            self._stop = why
            if why is not Stop.CANCEL or self._function.run_in != "thread":
                self._scope.cancel()

    async def _attempt(self) -> Outcome:
        try:
            result = await self._call()
            return Completed(result, await self._publish())
        except NeedsAnswers as asked:
            return Asked(asked.questions)
        except anyio.get_cancelled_exc_class():
            if anyio.current_effective_deadline() == -math.inf:
                raise  # we are stopped, or out of time
            return self._failure(TaskError("CancelledError", "the function cancelled itself"), None)
        except ChildFailed as error:
            told = TaskError(error.type_name, error.message, retryable=not error.permanent)
            return self._failure(told, error.traceback)
        except ChildDied as error:
            return self._failure(TaskError("ChildDied", str(error)), None)
        except PermanentError as error:
            return self._failure(TaskError(type(error).__name__, str(error), retryable=False), traceback.format_exc())
        except (Exception, SystemExit) as error:
            return self._failure(TaskError(type(error).__name__, str(error)), traceback.format_exc())

    async def _call(self) -> str:
        """Call the function where it wants to run; its result as JSON text."""
        function = self._function
        match function.run_in:
            case "process":
                return await self._call_in_child()
            case "loop":
                arguments = function.load_params(self.claim.params, TaskContext(self.claim, self))
                return function.dump_result(await function.call(**arguments))
            case "thread":
                self._thread_ended = anyio.Event()
                return await anyio.to_thread.run_sync(
                    self._call_in_thread,
                    current_wake(),
                    self._thread_ended,
                    abandon_on_cancel=True,
                    limiter=CapacityLimiter(1),  # the worker's slots are the limit
                )
            case _:
                assert_never(function.run_in)

    async def thread_returned(self) -> None:
        """Wait for a thread that outlives its attempt; without one, return at once."""
        if self._thread_ended:
            await self._thread_ended.wait()

    def _call_in_thread(self, wake: Wake, ended: anyio.Event) -> str:
        try:
            arguments = self._function.load_params(self.claim.params, TaskContext(self.claim, self))
            return self._function.dump_result(self._function.call(**arguments))
        finally:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for the slot
                wake(ended.set)

    async def _call_in_child(self) -> str:
        scratch = await anyio.to_thread.run_sync(self._artifacts.scratch, self.claim)
        payload = process_payload(self._function, self.claim, str(scratch))
        answer = cast(dict[str, Any], await self._children.call(PROCESS_ENTRY, payload, on_message=self._heard))
        if "questions" in answer:
            raise NeedsAnswers(*(Question(*q) for q in answer["questions"]))
        return str(answer["result"])

    async def _publish(self) -> tuple[Artifact, ...]:
        """Put the announced files in their place. A success is no longer stopped."""
        published: tuple[Artifact, ...] = ()
        if self._media_types or self._function.run_in == "process":
            with CancelScope(shield=True):
                published = await anyio.to_thread.run_sync(self._artifacts.publish, self.claim, self._media_types)
        return published

    def _failure(self, error: TaskError, trace: str | None) -> Outcome:
        if self._stop is Stop.CANCEL:
            return Cancelled()  # the function stopped because it was told to
        delay = self._function.backoff.delay(self.claim.failures, self._draw()) if error.retryable else None
        return Failed(error, delay, trace)

    # --- AttemptIO ----------------------------------------------------------------------------------------------

    @property
    def cancelled(self) -> bool:
        """Whether the function should come to an end."""
        return self._stop is not None

    def progress(self, progress: Progress) -> None:
        """Keep the newest progress; it is stored soon."""
        self.latest = progress
        self._reported(self)

    def artifact(self, name: str, media_type: str) -> Path:
        """Announce a file."""
        self._media_types[name] = media_type
        return self._artifacts.scratch(self.claim) / name

    async def record(self, kind: str, content: Json, key: str | None, prefix: str) -> Record:
        """Keep something beyond the task's retention."""
        return await self._queue.store.record(self.claim, kind, json.dumps(content), key=key, prefix=prefix)

    async def kept_before(self, kind: str, key: str) -> Record | None:
        """What another task of the same owner kept last under a key."""
        found = await self._queue.records(kind, key=key, owner=self.claim.owner, limit=2)
        return next((record for record in found if record.task_id != self.claim.id), None)

    async def call_process(self, entry: str, payload: Json) -> Json:
        """Run `entry` in a child process."""
        return await self._children.call(entry, payload, on_message=self._heard)

    def _heard(self, message: Json) -> None:
        """A child's word: a file announced, or progress."""
        match message:
            case {"artifact": str(name), "media_type": str(media_type)}:
                self._media_types[name] = media_type
            case {"done": int() | float() as done, **rest}:
                total, text = rest.get("total"), rest.get("message")
                self.progress(Progress(done, cast(float | None, total), cast(str | None, text)))
            case _:
                pass  # a function may emit what it likes; only these two mean something here
