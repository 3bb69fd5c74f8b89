"""A task that takes longer than a host's patience is followed in few calls, each as long as a host allows."""

import os
import sys
from pathlib import Path

import pytest

from tests.server.http_server import KINDS, HttpServer, serving
from tests.server.serving import ask

pytestmark = pytest.mark.anyio

UVICORN = [sys.executable, "-m", "uvicorn", "--port", "0", "--app-dir", str(Path(__file__).parents[2])]
COMMAND = [*UVICORN, "--factory", "tests.server.waiting_server:create_app"]


async def _calls_until_done(server: HttpServer, kind: tuple[str, str], seconds: float, wait_seconds: float) -> int:
    """How many calls it takes a client that waits in each."""
    calls = 1
    async with server.client(*kind) as client:
        view = await ask(client, "submit_nap", seconds=seconds, wait_seconds=wait_seconds)
        while view["status"] != "completed":
            assert view["status"] == "running"
            view = await ask(client, "task_status", task_id=view["task_id"], wait_seconds=wait_seconds)
            calls += 1
    assert view["result"] == {"seconds": seconds}
    return calls


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
async def test_a_task_of_two_and_a_half_waits_needs_three_calls(folder: Path, kind: tuple[str, str]) -> None:
    async with serving(folder, command=COMMAND) as server:
        assert await _calls_until_done(server, kind, seconds=3.75, wait_seconds=1.5) == 3


@pytest.mark.skipif(os.environ.get("MCP_TASKS_CRASH") != "long", reason="takes a minute; MCP_TASKS_CRASH=long runs it")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", [("http", "auto"), ("http", "legacy")], ids=" ".join)
async def test_a_task_of_fifty_seconds_and_waits_of_twenty_need_three_calls(
    folder: Path, kind: tuple[str, str]
) -> None:
    async with serving(folder, command=COMMAND) as server:
        assert await _calls_until_done(server, kind, seconds=50, wait_seconds=20) == 3
