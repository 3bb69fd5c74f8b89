"""The tasks that look after the queue: the cleanup."""

from pydantic import BaseModel

from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.queue import TaskQueue
from mcp_tasks.settings import Settings
from mcp_tasks.task import TaskStatus

CLEAN_UP = "cleanup_old_tasks"


class Removed(BaseModel, frozen=True):
    """What a cleanup removed."""

    tasks: int
    files: int
    bytes: int


def cleanup(queue: TaskQueue, settings: Settings) -> TaskFunction:
    """Delete finished tasks that are older than the settings say. Quotations stay on record."""

    async def cleanup_old_tasks() -> Removed:
        pruned = await queue.cleanup(keep_seconds(settings))
        return Removed(tasks=pruned.tasks, files=pruned.files, bytes=pruned.bytes)

    return task_function(cleanup_old_tasks, name=CLEAN_UP, concurrency=1)


def keep_seconds(settings: Settings) -> dict[TaskStatus, float]:
    """How long finished tasks are kept, by their status."""
    finished, failed = settings.keep_finished_hours * 3600, settings.keep_failed_hours * 3600
    return {TaskStatus.COMPLETED: finished, TaskStatus.CANCELLED: finished, TaskStatus.FAILED: failed}
