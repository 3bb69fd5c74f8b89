"""Rows 11 to 13: what a submit costs on each transport, a task over HTTP from end to end, and clients that wait."""

import os
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client, StdioServerParameters

from benchmarks import fastmcp_peer
from benchmarks.child import ROOT, calling
from benchmarks.http_servers import bare_server
from benchmarks.measure import Effort, Line, Measured, NotMeasured, in_turns, p50_ms
from mcp_tasks.app import build_server
from mcp_tasks.settings import Settings

ROOF: dict[str, Any] = {
    "product_family": "ISODEC",
    "core_type": "EPS",
    "thickness_mm": 100,
    "usage": "techo",
    "length_m": 5,
    "width_m": 11,
}
_SUBMIT = ("submit_bom", {"request": ROOF, "wait_seconds": 0})
_NOOP: tuple[str, dict[str, Any]] = ("noop", {})
_WAITING_CLIENTS = 200
_WATCHED_SECONDS = 15.0


def submit_call(folder: Path, effort: Effort) -> list[Line]:
    """A call that stores a task and answers at once, against a tool that does nothing; the SDK's client for both.

    Between the calls nothing else is on the way: a task is followed to its end before the next is submitted.
    """
    n = effort.of(500)
    lines: list[Line] = []
    for transport, ours, bare in (
        ("in memory", _submit_in_memory, _noop_in_memory),
        ("on stdio", _submit_on_stdio, _noop_on_stdio),
        ("over HTTP", _submit_over_http, _noop_over_http),
    ):
        submit, noop = in_turns(folder, effort.rounds, partial(ours, n=n), partial(bare, n=n))
        lines.append(Measured(f"submit_bom {transport}, p50", "bare MCPServer, no-op tool", "ms", submit, noop, 1.5))
    return lines


def completed_over_http(folder: Path, effort: Effort) -> list[Line]:
    """From the call to the result of a function that does nothing, as a task, over HTTP."""
    what = "submit to completed over HTTP, p50"
    if not fastmcp_peer.INSTALLED:
        return [NotMeasured(what, "fastmcp with tasks is not installed: pip install -e '.[bench]'")]
    n = effort.of(200)
    theirs = (fastmcp_peer.laps_of_its_client, fastmcp_peer.laps_without_pause)
    ours, client, unpaused = in_turns(
        folder,
        effort.rounds,
        partial(_completed_over_http, n=n),
        *(partial(_peer_completed, laps=laps, n=n) for laps in theirs),
    )
    peer = "FastMCP, Docket in memory"
    # How many times as fast: theirs by ours.
    return [
        Measured(what, f"{peer}, its client", "ms", client, ours, gate=3, at_least=True),
        Measured(what, f"{peer}, polled without pause", "ms", unpaused, ours, gate=None),
    ]


def waiting(folder: Path, effort: Effort) -> list[Line]:
    """What many clients cost that wait for a task in which nothing happens."""
    what = f"{_WAITING_CLIENTS} waiting clients over HTTP, CPU"
    if not Path("/proc/self/stat").exists():
        return [NotMeasured(what, "this system does not tell the CPU time of another process")]
    fresh = folder / "waiting"
    percent = anyio.run(_waiting_percent, fresh, max(5.0, _WATCHED_SECONDS * effort.share))
    return [Measured(what, "of one core", "%", percent, None, gate=5)]


async def _laps(client: Client, call: tuple[str, dict[str, Any]], n: int) -> list[float]:
    name, arguments = call
    laps: list[float] = []
    for i in range(n + n // 5):
        begun = time.perf_counter()
        answer = await client.call_tool(name, arguments)
        if i >= n // 5:
            laps.append(time.perf_counter() - begun)
        assert not answer.is_error, answer
        if "task_id" in (answer.structured_content or {}):
            await client.call_tool("task_status", {"task_id": answer.structured_content["task_id"], "wait_seconds": 10})
    return laps


def _p50(connect: Callable[[], Client], call: tuple[str, dict[str, Any]], n: int) -> float:
    async def main() -> float:
        async with connect() as client:
            return p50_ms(await _laps(client, call, n))

    return anyio.run(main)


def _submit_in_memory(folder: Path, *, n: int) -> float:
    return _p50(lambda: Client(build_server(Settings.read(data_dir=folder))), _SUBMIT, n)


def _noop_in_memory(folder: Path, *, n: int) -> float:
    return _p50(lambda: Client(bare_server()), _NOOP, n)


def _submit_on_stdio(folder: Path, *, n: int) -> float:
    return _p50(lambda: _started("-m", "mcp_tasks", "serve", "--data-dir", str(folder)), _SUBMIT, n)


def _noop_on_stdio(folder: Path, *, n: int) -> float:
    return _p50(
        lambda: _started("-c", "from benchmarks.http_servers import bare_server; bare_server().run()"), _NOOP, n
    )


def _started(*arguments: str) -> Client:
    return Client(StdioServerParameters(command=sys.executable, args=list(arguments), cwd=ROOT))


def _submit_over_http(folder: Path, *, n: int) -> float:
    with calling("http_servers:product", folder) as server:
        address = f"{server.hear()}/mcp"
        return _p50(lambda: Client(address), _SUBMIT, n)


def _noop_over_http(folder: Path, *, n: int) -> float:
    with calling("http_servers:bare") as server:
        address = f"{server.hear()}/mcp"
        return _p50(lambda: Client(address), _NOOP, n)


def _completed_over_http(folder: Path, *, n: int) -> float:
    with calling("http_servers:tasks", folder) as server:
        address = f"{server.hear()}/mcp"
        return _p50(lambda: Client(address), ("submit_double", {"n": 21}), n)


def _peer_completed(folder: Path, *, laps: Callable[[str, int], Awaitable[list[float]]], n: int) -> float:
    with fastmcp_peer.served() as address:
        return p50_ms(anyio.run(laps, address, n + n // 5)[n // 5 :])


async def _waiting_percent(folder: Path, seconds: float) -> float:
    limits = httpx2.Limits(max_connections=_WAITING_CLIENTS + 1)
    with calling("http_servers:tasks", folder) as server:
        address: str = server.hear()
        percent = 0.0
        async with Client(f"{address}/mcp") as client:
            answer = await client.call_tool("submit_nap", {"seconds": 3600, "wait_seconds": 0})
            assert answer.structured_content is not None
            task_id = answer.structured_content["task_id"]
        async with httpx2.AsyncClient(limits=limits, timeout=60) as web, anyio.create_task_group() as group:
            for _ in range(_WAITING_CLIENTS):
                group.start_soon(_wait_for, web, address, task_id)
            await anyio.sleep(5)  # until all wait
            begun, used = time.perf_counter(), _cpu_seconds(server.pid)
            await anyio.sleep(seconds)
            percent = 100 * (_cpu_seconds(server.pid) - used) / (time.perf_counter() - begun)
            group.cancel_scope.cancel()
        return percent


async def _wait_for(web: httpx2.AsyncClient, address: str, task_id: str) -> None:
    """A client of 2026-07-28 that waits as long as it may, and then again."""
    version = "2026-07-28"
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": {"name": "benchmarks", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    call = {"name": "task_status", "arguments": {"task_id": task_id, "wait_seconds": 30}, "_meta": meta}
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": "task_status",
    }
    while True:
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        answer = await web.post(f"{address}/mcp", json=request, headers=headers)
        assert answer.status_code == 200, answer.text


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
