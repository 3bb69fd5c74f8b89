"""The real server, with task functions that take as long as a test wants. Tests import it, too, to enqueue them."""

import socket
import sys
from pathlib import Path

import anyio
import uvicorn

from mcp_tasks import NeedsAnswers, Question, TaskContext
from mcp_tasks.app import build_server, serve_stdio
from mcp_tasks.decorators import background_task
from mcp_tasks.errors import PermanentError
from mcp_tasks.settings import Settings


async def wait_for_file(gate: str, diary: str, ctx: TaskContext) -> str:
    """Notes its end in `diary`, which comes when the file `gate` exists."""
    ctx.progress(1, 2, "half way")
    while not await anyio.Path(gate).exists():
        await anyio.sleep(0.01)
    with Path(diary).open("a", encoding="utf-8") as notes:
        notes.write(f"{ctx.task_id}\n")
    return "done"


async def fail(forgivable: bool) -> None:
    """Fails: for good, or so that a retry may help."""
    raise RuntimeError("not this time") if forgivable else PermanentError("it cannot be done")


async def step_by_step(gates: str, steps: int, ctx: TaskContext) -> int:
    """Says that it has done a step, and goes on when the file of that number is there; then starts over once."""
    for done in [*range(1, steps + 1), 1]:
        ctx.progress(done, steps, f"step {done}")
        while not await anyio.Path(gates, str(done)).exists():
            await anyio.sleep(0.01)
    return steps


async def ask_for_a_colour(ctx: TaskContext) -> str:
    """Asks until the answer is a word of its own liking."""
    colour = ctx.answers.get("colour")
    if colour not in {"red", "blue"}:
        raise NeedsAnswers(Question("colour", f"Which colour, not {colour}?" if colour else "Which colour?"))
    return str(colour)


async def ask_for_a_person(ctx: TaskContext) -> str:
    """Asks for more than a form can hold."""
    if "person" not in ctx.answers:
        raise NeedsAnswers(Question("person", "Who?", {"type": "object"}))
    return "asked"


def register() -> None:
    """Make the functions known to the server of this process."""
    background_task()(wait_for_file)
    background_task()(fail)
    background_task()(step_by_step)
    background_task()(ask_for_a_colour)
    background_task()(ask_for_a_person)


def serve_http(settings: Settings) -> None:
    """Serve Streamable HTTP on a free port, which is written to stdout."""
    app = build_server(settings).streamable_http_app()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - that is how it says so
        uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none")).run(sockets=[listening])


if __name__ == "__main__":
    register()
    (serve_http if "http" in sys.argv else serve_stdio)(Settings.read())
