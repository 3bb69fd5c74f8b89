"""One process runs one queue, however many connections come and go."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import TaskStatus
from mcp import Client

from mcp_tasks.app import build_server
from mcp_tasks.settings import Settings
from tests.server.serving import ROOF, ask

pytestmark = pytest.mark.anyio


async def test_tasks_run_until_the_last_connection_has_left_even_if_the_first_is_cut_off(folder: Path) -> None:
    server = build_server(Settings.read(data_dir=folder))
    cut = anyio.CancelScope()

    async def first(*, task_status: TaskStatus[None]) -> None:
        with cut:
            async with Client(server) as client:
                await ask(client, "task_stats")
                task_status.started()
                await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        await group.start(first)
        async with Client(server) as second:
            cut.cancel()
            await ask(second, "task_list")
            assert (await ask(second, "submit_bom", request=ROOF))["status"] == "completed"
            assert (await ask(second, "task_stats"))["workers"] == 1


async def test_a_server_that_everybody_left_serves_the_next_client(folder: Path) -> None:
    server = build_server(Settings.read(data_dir=folder))
    views: list[dict[str, Any]] = []
    for _ in range(2):
        async with Client(server) as client:
            views.append(await ask(client, "submit_bom", request=ROOF, idempotency_key="one"))

    assert views[0]["status"] == "completed"
    assert views[0] == views[1]
