"""Process functions for the tests; a child imports this module."""

import os
from typing import Any

from mcp_tasks import TaskContext
from mcp_tasks.decorators import background_task


def own_pid() -> int:
    """The process that asks."""
    return os.getpid()


@background_task(run_in="process")
def count_to(top: int, ctx: TaskContext) -> dict[str, Any]:
    """Reports each step."""
    for n in range(top):
        ctx.progress(n + 1, top, f"{n + 1} de {top}")
    return {"pid": os.getpid()}


@background_task(run_in="process")
def spin(ctx: TaskContext) -> None:
    """Never ends, and never lets go of the processor."""
    ctx.progress(0, 1, "spinning")
    while True:
        pass


@background_task(run_in="process")
def crash() -> None:
    """Ends its process."""
    os._exit(7)
