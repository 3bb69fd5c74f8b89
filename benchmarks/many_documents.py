"""What a server holds after very many quotations: the real server's process, real children, the SDK's client."""

import os
import sys
from pathlib import Path

import anyio
from mcp import Client

from benchmarks.child import calling
from benchmarks.measure import Effort, Line, Measured, NotMeasured
from benchmarks.transports import ROOF

_AT_ONCE = 2
"""As many as there are children."""


def memory_over_documents(folder: Path, effort: Effort) -> list[Line]:
    """Resident memory of the server, without its children, after so many PDFs, against the first tenth of them."""
    many = max(10, effort.of(1_000))
    few = many // 10
    what = f"the server's memory after {many:,} PDFs"
    if not sys.platform.startswith("linux"):
        return [NotMeasured(what, "resident memory is read from /proc")]
    with calling("http_servers:product", folder) as server:
        address = str(server.hear())
        early, late = anyio.run(_after, address, server.pid, few, many)
    return [Measured(what, f"itself after {few:,}", "MB", late, early, gate=1.1)]


async def _after(address: str, pid: int, few: int, many: int) -> tuple[float, float]:
    """Megabytes after `few` quotations and after `many`."""
    async with Client(f"{address}/mcp") as client:
        await _quote(client, few)
        early = _resident_mb(pid)
        await _quote(client, many - few)
        return early, _resident_mb(pid)


async def _quote(client: Client, n: int) -> None:
    numbers = iter(range(n))

    async def one_after_another() -> None:
        for number in numbers:
            call = {"request": ROOF | {"width_m": 5 + number % 40}, "client": {"name": f"Cliente {number}"}}
            answer = await client.call_tool("submit_quotation", call | {"wait_seconds": 30})
            assert not answer.is_error, answer
            assert answer.structured_content is not None
            assert len(answer.structured_content["artifacts"]) == 2

    async with anyio.create_task_group() as group:
        for _ in range(_AT_ONCE):
            group.start_soon(one_after_another)


def _resident_mb(pid: int) -> float:
    """Megabytes of another process. Linux only."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
