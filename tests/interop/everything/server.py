"""Serve the fixture over HTTP on a free port of this machine: python -m tests.interop.everything.server FOLDER

It says its address in a line on stderr. Its tasks are in the folder.
"""

import socket
import sys
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer

from mcp_tasks import TaskQueue
from mcp_tasks.server import TasksExtension
from tests.interop.everything.asking import asking_prompt, asking_tools
from tests.interop.everything.contents import content_tools
from tests.interop.everything.pages import add_pages
from tests.interop.everything.streams import EventsInMemory, add_older_requests, stream_tools
from tests.interop.task_tools import add_task_tools


def build_server(folder: Path) -> MCPServer[Any]:
    """All that the suite looks for; the tasks in that folder."""
    tasks = TasksExtension(TaskQueue(folder / "tasks.db"))
    add_task_tools(tasks)
    tools = [*content_tools(), *asking_tools(), *stream_tools()]
    server: MCPServer[Any] = tasks.server("everything", version="1", tools=tools, log_level="WARNING")
    add_pages(server)
    server.add_prompt(asking_prompt())
    add_older_requests(server)
    return server


async def main(folder: Path) -> None:
    """Serve until SIGTERM."""
    app = build_server(folder).streamable_http_app(event_store=EventsInMemory(), retry_interval=50)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"serving http://127.0.0.1:{listening.getsockname()[1]}/mcp", file=sys.stderr, flush=True)  # noqa: T201
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]))
