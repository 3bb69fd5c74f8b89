"""The MCP face, and `TasksExtension`: durable tasks for any server made with the official SDK."""

from mcp_tasks.server.tasks_extension import TasksExtension
from mcp_tasks.server.tool_task import become_task, current_task

__all__ = ["TasksExtension", "become_task", "current_task"]
