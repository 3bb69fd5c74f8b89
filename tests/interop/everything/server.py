"""Serve the fixture over HTTP on a free port of this machine: python -m tests.interop.everything.server

It says its address in one line on stdout and ends with its stdin, so that it never outlives the test.
"""

import socket
import sys

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer

from tests.interop.everything.asking import asking_prompt, asking_tools
from tests.interop.everything.contents import content_tools
from tests.interop.everything.pages import add_pages
from tests.interop.everything.streams import EventsInMemory, add_older_requests, stream_tools


def build_server() -> MCPServer[None]:
    """All that the suite looks for."""
    server = MCPServer[None](
        "everything", version="1", tools=[*content_tools(), *asking_tools(), *stream_tools()], log_level="WARNING"
    )
    add_pages(server)
    server.add_prompt(asking_prompt())
    add_older_requests(server)
    return server


async def main() -> None:
    """Serve until stdin ends."""
    app = build_server().streamable_http_app(event_store=EventsInMemory(), retry_interval=50)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)  # noqa: T201

        async def end_with_stdin() -> None:
            await anyio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
            server.should_exit = True

        async with anyio.create_task_group() as group:
            group.start_soon(end_with_stdin)
            await server.serve(sockets=[listening])
            group.cancel_scope.cancel()


if __name__ == "__main__":
    anyio.run(main)
