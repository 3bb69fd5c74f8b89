"""Children that run beside a block, and end with it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def beside() -> AsyncGenerator[TaskGroup]:
    """The task group of the children. An error of the block is raised as it is, where a task group would wrap it."""
    failed: Exception | None = None
    async with anyio.create_task_group() as children:
        try:
            yield children
        except Exception as error:
            failed = error
        children.cancel_scope.cancel()
    if failed is not None:
        raise failed
