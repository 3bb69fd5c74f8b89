"""Server processes for the tests, and clients that reach them."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from mcp_tasks.client import TasksClientExtension

ROOT = Path(__file__).parents[2]


def _command(transport: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "tests.protocol.process_server", transport, str(folder / "tasks.db")]


class HttpProcess:
    """A server process over HTTP."""

    def __init__(self, process: Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}/mcp"

    async def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        await self._process.wait()

    @asynccontextmanager
    async def client(self, token: str | None = None, **options: Any) -> AsyncGenerator[Client]:
        """A client that can follow tasks; `token` is who it says it is."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(headers=headers, timeout=20) as web:
            options.setdefault("extensions", [TasksClientExtension()])
            async with Client(streamable_http_client(self.url, http_client=web), **options) as client:
                yield client


@asynccontextmanager
async def http_process(folder: Path, transport: str = "http") -> AsyncGenerator[HttpProcess]:
    """A server on that folder's database; killed at the end if it still lives."""
    command = _command(transport, folder)
    async with await anyio.open_process(command, cwd=ROOT, env=dict(os.environ), stderr=None) as process:
        try:
            assert process.stdout is not None
            with anyio.fail_after(20):
                port = int(await BufferedByteReceiveStream(process.stdout).receive_until(b"\n", 20))
            yield HttpProcess(process, port)
        finally:
            if process.returncode is None:
                process.kill()


@asynccontextmanager
async def stdio_process(folder: Path) -> AsyncGenerator[Client]:
    """A client with a server process of its own on that folder's database."""
    command = _command("stdio", folder)
    parameters = StdioServerParameters(command=command[0], args=command[1:], cwd=ROOT, env=dict(os.environ))
    with Path(os.devnull).open("w") as log:
        async with Client(stdio_client(parameters, errlog=log), extensions=[TasksClientExtension()]) as client:
            yield client
