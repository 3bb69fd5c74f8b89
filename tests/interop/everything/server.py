"""Serve the fixture over HTTP on a free port of this machine: python -m tests.interop.everything.server FOLDER

It says its address in a line on stderr. Its tasks are in the folder.
"""

import socket
import sys
from pathlib import Path

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


async def main(folder: Path) -> None:
    """Serve until SIGTERM."""
    app = build_server().streamable_http_app(event_store=EventsInMemory(), retry_interval=50)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"serving http://127.0.0.1:{listening.getsockname()[1]}/mcp", file=sys.stderr, flush=True)  # noqa: T201
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]))
