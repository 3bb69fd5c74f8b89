"""A server process that is reached over HTTP, its clients of each transport and era, and how it ended."""

import re
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import anyio
import httpx2
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream
from mcp import Client
from mcp.client.sse import sse_client

from tests.server.serving import COMMAND, environment

HTTP_COMMAND = [*COMMAND, "http"]

KINDS = [("http", "auto"), ("http", "legacy"), ("sse", "auto"), ("sse", "legacy")]
"""Transports and eras: 2026-07-28, and 2025-11-25."""

JSON_AND_EVENTS = {"accept": "application/json, text/event-stream"}


class HttpServer:
    """The process, its `url`, and after its end its `log`: what it wrote to stderr."""

    def __init__(self, process: Process, stderr: BufferedByteReceiveStream, url: str) -> None:
        self.process = process
        self.url = url
        self.port = int(url.rpartition(":")[2])
        self.log = ""
        self._stderr = stderr

    def client(self, transport: str = "http", mode: str = "auto") -> Client:
        """The SDK's client, of that transport and era."""
        address = f"{self.url}/{'mcp' if transport == 'http' else 'sse'}"
        return Client(address if transport == "http" else sse_client(address), mode=mode)

    def web(self) -> httpx2.AsyncClient:
        """A client of plain HTTP."""
        return httpx2.AsyncClient(base_url=self.url, timeout=20)

    async def ended(self, seconds: float) -> int:
        """Its exit code, at the latest after so many seconds."""
        with anyio.fail_after(seconds):
            code = await self.process.wait()
        rest = self._stderr.buffer
        try:
            while True:
                rest += await self._stderr.receive()
        except anyio.EndOfStream:
            self.log = rest.decode()
        return code


@asynccontextmanager
async def serving(
    folder: Path, *, command: Sequence[str] = HTTP_COMMAND, **settings: object
) -> AsyncGenerator[HttpServer]:
    """A server process on a port of its own; killed at the end if it still lives."""
    given = environment(folder, port=0, **settings)
    async with await anyio.open_process(command, env=given, stdin=DEVNULL, stdout=DEVNULL) as process:
        try:
            assert process.stderr is not None
            stderr = BufferedByteReceiveStream(process.stderr)
            address = None
            while address is None:
                address = re.search(r"http://[^/\s]+", (await stderr.receive_until(b"\n", 10_000)).decode())
            yield HttpServer(process, stderr, address[0])
        finally:
            if process.returncode is None:
                process.kill()


def initialize() -> dict[str, Any]:
    """The first message of a client of 2025-11-25."""
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


SERVE = [sys.executable, "-m", "mcp_tasks", "serve", "--transport", "http"]
