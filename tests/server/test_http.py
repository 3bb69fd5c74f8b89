"""Over HTTP and SSE, clients of both eras get the same tasks, from one process and one runtime."""

import socket
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import BlobResourceContents

from mcp_tasks import TaskQueue
from mcp_tasks.server.serving import bound
from mcp_tasks.settings import Settings
from tests.server.http_server import KINDS, HttpServer, serving
from tests.server.serving import ROOF, ask, refused
from tests.server.slow_server import wait_for_file

pytestmark = pytest.mark.anyio

ANA = {"name": "Ana Pereira"}


@pytest.fixture(scope="module")
async def server(shared_folder: Path, anyio_backend: str) -> AsyncIterator[HttpServer]:
    """The server of all tests here."""
    async with serving(shared_folder) as server:
        yield server


@pytest.fixture(params=KINDS, ids=" ".join)
async def any_client(server: HttpServer, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client of each transport in each era."""
    async with server.client(*request.param) as client:
        yield client


async def test_a_roof_is_one_call(any_client: Client) -> None:
    view = await ask(any_client, "submit_bom", request=ROOF)

    assert (view["status"], view["owner"]) == ("completed", "local")
    assert view["result"]["totals"]["currency"] == "USD"


async def test_a_task_is_looked_after_and_what_is_wrong_is_refused(any_client: Client) -> None:
    task = await ask(any_client, "submit_bom", request=ROOF, delay_seconds=600, wait_seconds=0)
    listed = await ask(any_client, "task_list", status="pending")
    cancelled = await ask(any_client, "task_cancel", task_id=task["task_id"])
    error = await refused(any_client, "task_status", task_id="0")

    assert task["task_id"] in {listed_task["task_id"] for listed_task in listed["tasks"]}
    assert cancelled["status"] == "cancelled"
    assert (error["code"], error["field"]) == ("task_not_found", "task_id")


async def test_a_quotations_pdf_is_read_as_a_resource(any_client: Client) -> None:
    view = await ask(
        any_client, "submit_quotation", request=ROOF, client=ANA, idempotency_key="one for all", wait_seconds=30
    )
    (content,) = (await any_client.read_resource(f"artifact://{view['task_id']}/quotation.pdf")).contents

    assert isinstance(content, BlobResourceContents)
    assert content.mime_type == "application/pdf"
    assert b64decode(content.blob).startswith(b"%PDF")


async def test_each_kind_of_client_is_of_its_era(server: HttpServer) -> None:
    versions: list[str] = []
    for kind in KINDS:
        async with server.client(*kind) as client:
            versions.append(client.protocol_version)

    assert versions == ["2026-07-28", "2025-11-25"] * 2


async def test_clients_of_all_kinds_at_once_share_one_runtime_and_see_each_others_tasks(server: HttpServer) -> None:
    clients = [server.client(*kind) for kind in KINDS]
    views: list[dict[str, Any]] = []

    async def submit(client: Client, width: int) -> None:
        views.append(await ask(client, "submit_bom", request=ROOF | {"width_m": width}))

    async with clients[0], clients[1], clients[2], clients[3], anyio.create_task_group() as group:
        for width, client in enumerate(clients, 20):
            group.start_soon(submit, client, width)
        with anyio.fail_after(20):
            while len(views) < len(KINDS):
                await ask(clients[0], "task_stats")
        for client in clients:
            assert (await ask(client, "task_stats"))["workers"] == 1
            for view in views:
                assert (await ask(client, "task_status", task_id=view["task_id"]))["status"] == "completed"


async def test_a_client_that_leaves_while_it_waits_does_not_cancel_its_task(
    server: HttpServer, outside: TaskQueue, tmp_path: Path
) -> None:
    for kind in KINDS:
        gate = tmp_path / "-".join(kind)
        task = await outside.enqueue(wait_for_file, str(gate), str(gate.with_suffix(".diary")))
        async with server.client(*kind) as client:
            with anyio.move_on_after(0.2):
                await client.call_tool("task_status", {"task_id": task.id, "wait_seconds": 30})
        gate.touch()
        with anyio.fail_after(10):
            assert (await outside.wait(task.id)).result == "done"


def test_answers_leave_at_once(tmp_path: Path) -> None:
    (listening,) = bound(Settings.read(data_dir=tmp_path, port=0))
    with listening, socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
