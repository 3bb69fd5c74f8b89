"""The MCP face, and `TasksExtension`: durable tasks for any server made with the official SDK."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp_tasks.server.tasks_extension import TasksExtension
    from mcp_tasks.server.tool_task import become_task, current_task

__all__ = ["TasksExtension", "become_task", "current_task"]

# Imported at the first use: our own server makes its tasks otherwise.
_HOMES = {"TasksExtension": "tasks_extension", "become_task": "tool_task", "current_task": "tool_task"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mcp_tasks.server' has no attribute {name!r}")
    return getattr(importlib.import_module(f"mcp_tasks.server.{_HOMES[name]}"), name)
