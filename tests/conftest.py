"""What all tests share: both event loops, a queue in a real file, a clock that can be moved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mcp_tasks import TaskQueue
from tests.moving_clock import MovingClock


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Async tests run on both loops."""
    return request.param


@pytest.fixture
def clock() -> MovingClock:
    """A clock that stands still until the test moves it."""
    return MovingClock()


@pytest.fixture
async def queue(tmp_path: Path, clock: MovingClock, anyio_backend: str) -> AsyncIterator[TaskQueue]:
    """A queue in a new file, on the moving clock."""
    async with TaskQueue(tmp_path / "tasks.db", clock=clock) as queue:
        yield queue
