"""Durable tasks under an MCP server of your own: a tool that starts a report, and one that waits for it.

An MCP host starts it: python examples/own_server.py
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer

from mcp_tasks import TaskContext, TaskQueue, TaskWorker
from mcp_tasks.decorators import background_task


@background_task(max_retries=3)
async def write_report(topic: str, context: TaskContext) -> str:
    for page in range(1, 4):
        context.progress(page, 3, f"page {page}")
        await anyio.sleep(0.1)  # here be work
    return f"Three pages about {topic}."


@asynccontextmanager
async def lifespan(_: MCPServer[TaskQueue]) -> AsyncGenerator[TaskQueue]:
    async with TaskQueue("reports.db") as queue, TaskWorker(queue):  # goes on with what a crash left undone
        yield queue


server = MCPServer("reports", lifespan=lifespan)


@server.tool()
async def start_report(topic: str, context: Context[TaskQueue, Any]) -> str:
    """Start writing a report; returns the task's id at once."""
    task = await context.request_context.lifespan_context.enqueue(write_report, topic)
    return task.id


@server.tool()
async def get_report(task_id: str, context: Context[TaskQueue, Any]) -> str:
    """The report, waiting up to 20 seconds for it."""
    task = await context.request_context.lifespan_context.wait(task_id, timeout=20)
    return str(task.result) if task.result else f"not yet: {task.status}"


if __name__ == "__main__":
    server.run("stdio")
