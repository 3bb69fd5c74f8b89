"""A real server process for the tests of a module, and the SDK's own client."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from mcp import Client

from mcp_tasks import TaskQueue
from tests.server.hearing import Ear
from tests.server.serving import connected, opened


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The server is a process of its own, so the client's loop proves nothing about it."""
    return "asyncio"


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the module's server."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
async def client(shared_folder: Path, anyio_backend: str) -> AsyncIterator[Client]:
    """A client of a server that all tests of the module share."""
    async with connected(shared_folder) as client:
        yield client


@pytest.fixture
async def outside(shared_folder: Path) -> AsyncIterator[TaskQueue]:
    """The module's queue as another process sees it, to enqueue what no tool submits."""
    async with opened(shared_folder) as queue:
        yield queue


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder of a server of the test's own."""
    return tmp_path / "data"


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Closed at the end."""
    ear = Ear()
    yield ear
    ear.close()
