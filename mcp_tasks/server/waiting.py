"""A call that waits for its task: meanwhile it passes progress on, and asks the person where the client can."""

from collections.abc import Awaitable, Callable

from mcp_tasks.errors import RequestError
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.answering import Answering
from mcp_tasks.server.eliciting import can_elicit, elicited
from mcp_tasks.server.strict_tool import QueueContext
from mcp_tasks.task import Task

_MOST_FORMS = 3


class Waiting:
    """Waits for tasks on behalf of calls."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    async def until_settled(
        self, queue: TaskQueue, task_id: str, seconds: float, owner: str | None, context: QueueContext
    ) -> Task:
        """The task when it is finished, asks something, or cannot finish within `seconds`.

        A caller that gave a progress token hears each progress. Questions go to the person of a client that can
        elicit, at most three times, as long as there is time to wait at all; thinking does not use it up. Declined
        or left alone, the task keeps its questions.
        """
        clock = queue.clock
        heard = progress_to(context)
        reason: str | None = None
        for _ in range(_MOST_FORMS):
            started = clock.monotonic()
            task = await queue.wait(task_id, seconds, owner=owner, seen=heard)
            seconds -= clock.monotonic() - started
            if not task.questions or seconds <= 0 or not can_elicit(context.session):
                return task
            answers = await elicited(queue, task, context, reason)
            if answers is None:
                break
            try:
                await self._answering.answer(queue, task_id, answers, owner)
                reason = None
            except RequestError as error:  # a person can write what a form cannot refuse
                reason = error.message
        return await queue.wait(task_id, seconds, owner=owner, seen=heard)


def progress_to(context: QueueContext) -> Callable[[Task], Awaitable[None]]:
    """Sends a task's progress to the caller, if it wants it. The numbers only ever grow, as the protocol demands."""
    last = float("-inf")

    async def heard(task: Task) -> None:
        nonlocal last
        progress = task.progress
        if progress and progress.done > last:
            last = progress.done
            await context.report_progress(progress.done, progress.total, progress.message)

    return heard
