"""The conformance suite of TaskQueue: what the tests of this folder promise, they promise of every engine.

Two of its files know SQLite from inside and stay apart: `test_storage.py` (the file), `test_model.py` (the rows).
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mcp_tasks import TaskQueue
from tests.moving_clock import MovingClock

pytest.register_assert_rewrite("tests.queue.machine", "tests.queue.model")

OpenQueue: TypeAlias = Callable[..., TaskQueue]
"""Opens a queue on this test's storage, with the options of `TaskQueue`; a second one is another process's."""


def sqlite(folder: Path) -> OpenQueue:
    """The embedded engine."""
    return partial(TaskQueue, folder / "tasks.db")


@pytest.fixture(params=[sqlite])
def open_queue(request: pytest.FixtureRequest, tmp_path: Path) -> OpenQueue:
    """On each engine in turn; a later one is one more of the params."""
    engine: Callable[[Path], Any] = request.param
    return engine(tmp_path)


@pytest.fixture
async def queue(open_queue: OpenQueue, clock: MovingClock, anyio_backend: str) -> AsyncIterator[TaskQueue]:
    """A queue in new storage, on the moving clock."""
    async with open_queue(clock=clock) as queue:
        yield queue
