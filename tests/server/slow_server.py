"""The real server, with task functions that take as long as a test wants. Tests import it, too, to enqueue them.

With the argument `http` it serves HTTP and SSE; the first line on stderr is its address.
"""

import sys
import time
from pathlib import Path

import anyio

from mcp_tasks import TaskContext
from mcp_tasks.app import serve_http, serve_stdio
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


async def block() -> None:
    """Never gives the loop back."""
    time.sleep(3600)  # noqa: ASYNC251


if __name__ == "__main__":
    background_task()(wait_for_file)
    background_task()(fail)
    background_task()(block)
    if "http" in sys.argv:
        serve_http(Settings.read(), lambda address: sys.stderr.write(f"{address}\n"))
    serve_stdio(Settings.read())
