"""A server with the tools of the tests, in this process."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer

from tests.protocol.talking import following, served


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[MCPServer[Any]]:
    """A server on a queue of its own."""
    async with served(tmp_path) as server:
        yield server


@pytest.fixture
async def client(server: MCPServer[Any]) -> AsyncIterator[Client]:
    """A client of it that can follow tasks."""
    async with following(server) as client:
        yield client
