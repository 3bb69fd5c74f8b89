"""Tools whose calls become durable tasks (MCP extension io.modelcontextprotocol/tasks), and a client that follows.

A server for an MCP host: python examples/durable_tools.py serve
The same with a client, which asks, answers and waits: python examples/durable_tools.py
"""

import sys

import anyio
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.server.mcpserver import Context
from mcp_types import ElicitRequestParams, ElicitResult, TextContent
from pydantic import BaseModel

from mcp_tasks import TaskQueue
from mcp_tasks.client import TasksClientExtension
from mcp_tasks.server import TasksExtension
from mcp_tasks.wire import CreatedTask

tasks = TasksExtension(TaskQueue("durable_tools.db"))
server = tasks.server("durable tools")


class Layout(BaseModel):
    """What must be known before printing."""

    columns: int


@tasks.tool()
async def print_report(topic: str, context: Context) -> str:
    """Print a report, which takes a while. A client that knows tasks can leave and come back for the result."""
    layout = await context.elicit("How many columns?", Layout)  # the task waits for it without a worker
    if layout.action != "accept":
        return "nothing was printed"
    for page in range(1, 4):
        await context.report_progress(page, 3, f"page {page}")
        await anyio.sleep(0.1)  # here be work
    return f"three pages about {topic}, in {layout.data.columns} columns"


async def main() -> None:
    async def remember(task: CreatedTask) -> None:
        print("task", task.task_id)  # keep it: `await following.resume(client, task_id)` is the call again

    async def answer(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        print(params.message)
        return ElicitResult(action="accept", content={"columns": 2})

    following = TasksClientExtension(created=remember)
    async with Client(server, extensions=[following], elicitation_callback=answer) as client:
        result = await client.call_tool("print_report", {"topic": "roofs"})
    print(*(part.text for part in result.content if isinstance(part, TextContent)))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        server.run("stdio")
    else:
        anyio.run(main)
