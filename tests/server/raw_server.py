"""A server process with bare hands: lines in, lines out, signals, and how it ended."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from tests.server.serving import COMMAND, environment


class RawServer:
    """Speaks JSON-RPC with a server, one request at a time. `said` is every line that it wrote to stdout."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.said: list[bytes] = []
        self._stdin = process.stdin
        self._stdout = BufferedByteReceiveStream(process.stdout)
        self._requests = 0

    async def initialize(self) -> None:
        """Introduce ourselves; after this its worker runs."""
        client = {"name": "raw", "version": "1"}
        await self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client})
        await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of a tool's answer."""
        result = await self.request("tools/call", {"name": tool, "arguments": arguments})
        assert not result["isError"], result
        return result["structuredContent"]

    async def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of a request."""
        self._requests += 1
        await self._send({"jsonrpc": "2.0", "id": self._requests, "method": method, "params": params})
        while True:
            line = await self._stdout.receive_until(b"\n", 10_000_000)
            self.said.append(line)
            message = json.loads(line)
            if message.get("id") == self._requests:
                return message["result"]

    async def ask_later(self, tool: str, **arguments: Any) -> None:
        """Call a tool without reading its answer."""
        await self.request_later("tools/call", {"name": tool, "arguments": arguments})

    async def request_later(self, method: str, params: dict[str, Any]) -> None:
        """Ask without reading the answer."""
        await self._send({"jsonrpc": "2.0", "id": "later", "method": method, "params": params})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._stdin.send(json.dumps(message).encode() + b"\n")

    async def hang_up(self) -> None:
        """Close its stdin, as a client does that leaves."""
        await self._stdin.aclose()

    async def ended(self, seconds: float) -> int:
        """Its exit code, at the latest after so many seconds; what else it wrote goes to `said`."""
        with anyio.fail_after(seconds):
            code = await self.process.wait()
        rest = self._stdout.buffer
        try:
            while True:
                rest += await self._stdout.receive()
        except anyio.EndOfStream:
            self.said += rest.splitlines()
        return code


@asynccontextmanager
async def spawned(folder: Path, **settings: object) -> AsyncGenerator[RawServer]:
    """A server process; killed at the end if it still lives."""
    async with await anyio.open_process(COMMAND, env=environment(folder, **settings), stderr=None) as process:
        try:
            server = RawServer(process)
            await server.initialize()
            yield server
        finally:
            if process.returncode is None:
                process.kill()
