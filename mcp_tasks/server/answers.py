"""What a tool answers: a short text for people, structured content for programs, links to the files."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from mcp_types import CallToolResult, ContentBlock, ResourceLink, TextContent
from pydantic import BaseModel

from mcp_tasks.errors import RequestError
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.views import StatsView, TaskPage, TaskSummary, task_history, task_summary, task_view
from mcp_tasks.server.words import Words
from mcp_tasks.task import Attempt, Page, Task, TaskStatus

Summaries: TypeAlias = Mapping[str, Callable[[Mapping[str, Any]], str]]
"""By name of a task function: what to say about its result."""

_ERROR_CHARACTERS = 600  # a text stays short; the structured content has the whole


class Answers:
    """Puts tasks into words and views."""

    def __init__(self, words: Words, summaries: Summaries) -> None:
        self._words = words
        self._summaries = summaries

    async def submitted(self, queue: TaskQueue, task: Task) -> CallToolResult:
        """The answer of a submit tool: an error when the task failed."""
        answer = await self.task(queue, task)
        return answer.model_copy(update={"is_error": task.status is TaskStatus.FAILED})

    async def task(self, queue: TaskQueue, task: Task, attempts: Iterable[Attempt] | None = None) -> CallToolResult:
        """One task, with links to its files."""
        position, now = await queue.position(task), queue.clock.now()
        view = task_view(task, position, now) if attempts is None else task_history(task, position, now, attempts)
        links = [
            ResourceLink(type="resource_link", name=a.name, uri=a.uri, mime_type=a.media_type, size=a.bytes)
            for a in view.artifacts
        ]
        summary = self._summaries.get(task.name)
        lines = [*self._told(view), *([summary(task.result)] if summary and task.result is not None else [])]
        return result("\n".join(lines), view, *links)

    async def page(self, queue: TaskQueue, page: Page) -> CallToolResult:
        """A page of tasks, one line each."""
        now = queue.clock.now()
        summaries = [task_summary(task, await queue.position(task), now) for task in page.tasks]
        view = TaskPage(tasks=tuple(summaries), next_cursor=page.next_cursor)
        lines = [self._words.page.format(n=len(summaries))]
        lines += [f"{t.task_id} {t.name}: {self._words.statuses[t.status]}" for t in summaries]
        if page.next_cursor:
            lines.append(self._words.more.format(cursor=page.next_cursor))
        return result("\n".join(lines), view)

    def stats(self, view: StatsView) -> CallToolResult:
        """The queue's numbers."""
        return result(self._words.counts.format(**view.counts.model_dump()), view)

    def _told(self, task: TaskSummary) -> Iterable[str]:
        words = self._words
        yield words.task.format(id=task.task_id, status=words.statuses[task.status])
        if task.progress and task.poll_after_seconds is not None:
            total = "?" if task.progress.total is None else f"{task.progress.total:g}"
            yield words.progress.format(message=task.progress.message or "", done=task.progress.done, total=total)
        if task.queue_position is not None and not task.questions:
            yield words.ahead.format(n=task.queue_position)
        if task.error and task.status in {TaskStatus.FAILED, TaskStatus.RETRYING}:
            yield words.error.format(type=task.error.type, message=task.error.message[:_ERROR_CHARACTERS])
        if task.status is TaskStatus.FAILED and task.error and task.error.retryable:
            yield words.retry
        for text in dict.fromkeys(question.text for question in task.questions):  # the same may be asked of several
            yield words.asks.format(text=text)
        if task.questions:
            yield words.answer.format(fields=", ".join(f'"{question.field}": ...' for question in task.questions))
        if task.poll_after_seconds is not None:
            yield words.poll


def refusal(error: RequestError) -> CallToolResult:
    """The answer to a call that was refused: nothing was stored, and what to write instead."""
    return CallToolResult(
        content=[TextContent(type="text", text=error.message)], structured_content=error.to_dict(), is_error=True
    )


def result(text: str, view: BaseModel, *links: ContentBlock) -> CallToolResult:
    """The answer of a tool: a text for people, the view for programs, links."""
    return CallToolResult(
        content=[TextContent(type="text", text=text), *links],
        structured_content=view.model_dump(mode="json"),
    )
