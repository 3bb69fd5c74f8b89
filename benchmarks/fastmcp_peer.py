"""FastMCP with background tasks on Docket's memory store: the peer that also answers `tools/call` with a task.

Its server is a process of its own; its client is its own, too. Memory alone is lost with the process.
"""

import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import anyio
import uvicorn

from benchmarks.child import calling, end_with_stdin, tell
from mcp_tasks.server.serving import bound
from mcp_tasks.settings import Settings

INSTALLED = find_spec("fastmcp_tasks") is not None


@contextmanager
def served() -> Generator[str]:
    """The address of a server with the tool `double`, which runs as a task."""
    with calling("fastmcp_peer:serve") as server:
        yield server.hear()


def serve() -> None:
    """Serve until stdin ends."""
    end_with_stdin()
    logging.disable(logging.CRITICAL)
    server: Any = import_module("fastmcp").FastMCP("peer")
    server.add_extension(import_module("fastmcp_tasks").TasksExtension(url="memory://"))
    server.tool(task=True)(double)
    (socket,) = bound(Settings.read(port=0))
    host, port = socket.getsockname()
    config = uvicorn.Config(
        server.http_app(), log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    tell(f"http://{host}:{port}/mcp")
    anyio.run(partial(uvicorn.Server(config).serve, [socket]))


async def double(n: int) -> dict[str, int]:
    """Twice as much."""
    return {"n": 2 * n}


async def laps_of_its_client(address: str, n: int) -> list[float]:
    """Seconds from each of `n` calls to its result, the client following the task as it does."""
    laps: list[float] = []
    async with _client(address) as client:
        for i in range(n):
            begun = time.perf_counter()
            result = await client.call_tool("double", {"n": i})
            laps.append(time.perf_counter() - begun)
            assert result.data == {"n": 2 * i} or result.structured_content == {"n": 2 * i}
    return laps


async def laps_without_pause(address: str, n: int) -> list[float]:
    """The same when the task's status is asked for again and again without a pause, as no client does."""
    laps: list[float] = []
    call: Any = import_module("fastmcp_tasks").call_tool_task
    async with _client(address) as client:
        for i in range(n):
            begun = time.perf_counter()
            task = await call(client, "double", {"n": i})
            while (await task.status()).status != "completed":
                pass
            result = await task.result()
            laps.append(time.perf_counter() - begun)
            assert result.structured_content == {"n": 2 * i}
    return laps


def _client(address: str) -> Any:
    import_module("fastmcp_tasks")  # now its clients follow tasks
    return import_module("fastmcp").Client(address)
