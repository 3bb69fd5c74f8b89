"""A durable background-task system for MCP servers, embedded in one process on SQLite."""

from mcp_tasks.functions import NeedsAnswers, TaskContext
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
