"""A durable background-task system for MCP servers, embedded in one process on SQLite."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp_tasks.context import NeedsAnswers, TaskContext
    from mcp_tasks.queue import TaskQueue
    from mcp_tasks.scheduler import TaskScheduler
    from mcp_tasks.task import Question, Task, TaskPriority, TaskStatus
    from mcp_tasks.worker import TaskWorker

__all__ = [
    "NeedsAnswers",
    "Question",
    "Task",
    "TaskContext",
    "TaskPriority",
    "TaskQueue",
    "TaskScheduler",
    "TaskStatus",
    "TaskWorker",
]

# Imported at the first use: a child process that renders a document needs none of them.
_HOMES = {
    "NeedsAnswers": "context",
    "Question": "task",
    "Task": "task",
    "TaskContext": "context",
    "TaskPriority": "task",
    "TaskQueue": "queue",
    "TaskScheduler": "scheduler",
    "TaskStatus": "task",
    "TaskWorker": "worker",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mcp_tasks' has no attribute {name!r}")
    return getattr(importlib.import_module(f"mcp_tasks.{_HOMES[name]}"), name)
