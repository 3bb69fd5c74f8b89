"""Servers of HTTP that rows talk to, each a process of its own: the product, a bare one, one that naps and doubles."""

from functools import partial
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel

from benchmarks.child import end_with_stdin, tell
from mcp_tasks import TaskQueue
from mcp_tasks.app import new_runtime, serve_http
from mcp_tasks.decorators import background_task
from mcp_tasks.process import run_and_exit
from mcp_tasks.server.face import build_face
from mcp_tasks.server.http import HttpApp
from mcp_tasks.server.serving import bound, serve_app
from mcp_tasks.settings import Settings
from mcp_tasks.toolspec import ToolSpec


def product(folder: str) -> None:
    """What `mcp-tasks serve --transport http` serves."""
    end_with_stdin()
    serve_http(Settings.read(data_dir=Path(folder), port=0), tell)


def tasks(folder: str) -> None:
    """A server with the tools submit_nap(seconds) and submit_double(n), on our queue."""
    end_with_stdin()
    settings = Settings.read(data_dir=Path(folder), port=0)
    background_task()(nap)
    background_task()(double)
    runtime = new_runtime(settings)
    specs = [_spec("nap", Nap, Nap), _spec("double", Number, Number)]
    face = build_face(version="1", instructions="", language="en", specs=specs, queue=runtime.entered)
    app = HttpApp(face, runtime, settings)
    run_and_exit(partial(serve_app, app, bound(settings), tell), runtime.over, lambda: False, 2)


def bare() -> None:
    """The SDK's server with one tool that does nothing."""
    end_with_stdin()
    config = uvicorn.Config(bare_server().streamable_http_app(), log_config=None, access_log=False, ws="none")
    (socket,) = bound(Settings.read(port=0))
    host, port = socket.getsockname()
    tell(f"http://{host}:{port}")  # it listens already
    anyio.run(partial(uvicorn.Server(config).serve, [socket]))


def bare_server() -> MCPServer:
    """One tool that does nothing, in the loop, as ours are. It logs as little as ours: a line a request costs time."""
    server = MCPServer("bare", log_level="WARNING")

    @server.tool()
    async def noop() -> str:
        """Do nothing."""
        return "done"

    assert noop
    return server


class Nap(BaseModel):
    """How long, in seconds."""

    seconds: float


class Number(BaseModel):
    """A number."""

    n: int


async def nap(seconds: float) -> Nap:
    """Take so long."""
    await anyio.sleep(seconds)
    return Nap(seconds=seconds)


async def double(n: int) -> Number:
    """Twice as much."""
    return Number(n=2 * n)


def _spec(task: str, arguments: type[BaseModel], result: type[BaseModel]) -> ToolSpec:
    return ToolSpec(
        name=f"submit_{task}",
        title=task,
        description=task,
        task=task,
        arguments=arguments,
        result=result,
        prepare=_prepare,
        summarise=str,
    )


async def _prepare(arguments: Any, queue: TaskQueue, owner: str) -> dict[str, Any]:
    return arguments.model_dump(include={"seconds", "n"})
