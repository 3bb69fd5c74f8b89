"""A submit tool's caller that can follow tasks gets the row of its work as a protocol task, in place of a wait."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp_types import INVALID_PARAMS

from mcp_tasks.app import build_server
from mcp_tasks.client import TasksClientExtension
from mcp_tasks.settings import Settings
from tests.protocol.talking import accept, cancel, create, get, reached, refusal, update
from tests.server.raw_server import spawned
from tests.server.serving import ROOF, ask, opened, text_of
from tests.server.slow_server import fail

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop: the protocol's tests try both."""
    return "asyncio"


@pytest.fixture
async def follower(folder: Path) -> AsyncIterator[Client]:
    """A client of the product's server that can follow tasks."""
    async with Client(build_server(Settings.read(data_dir=folder)), extensions=[TasksClientExtension()]) as client:
        yield client


async def test_a_submit_call_is_a_task_at_once_whatever_it_was_ready_to_wait(follower: Client, folder: Path) -> None:
    with anyio.fail_after(5):
        created = await create(follower, "submit_bom", request=ROOF, wait_seconds=30, delay_seconds=600)
    assert (created.status, created.ttl_ms) == ("working", None)
    assert created.poll_interval_ms == 60_000  # it cannot start before
    async with opened(folder) as queue:
        assert (await queue.get_task(created.task_id)).name == "calculate_bom"  # the row of the work itself
    await cancel(follower, created.task_id)
    assert (await get(follower, created.task_id)).status == "cancelled"


async def test_the_tasks_result_is_what_the_tool_answers_those_who_wait(follower: Client, folder: Path) -> None:
    ended = await reached(follower, (await create(follower, "submit_bom", request=ROOF)).task_id, "completed")
    assert ended.result is not None
    view = ended.result["structuredContent"]
    assert (view["task_id"], view["status"], view["result"]["totals"]["currency"]) == (
        ended.task_id,
        "completed",
        "USD",
    )
    told = await follower.call_tool("task_status", {"task_id": ended.task_id})
    assert told.structured_content == view
    assert text_of(told) == "\n".join(part["text"] for part in ended.result["content"] if part["type"] == "text")
    assert ended.ttl_ms is not None


async def test_our_client_gets_the_files_of_a_quotation_as_links(follower: Client) -> None:
    client = {"name": "Ana", "phone": "099 123 456"}
    with anyio.fail_after(25):
        answer = await follower.call_tool("submit_quotation", {"request": ROOF, "client": client})
    assert [part.type for part in answer.content] == ["text", "resource_link", "resource_link"]


async def test_a_refused_call_is_refused_as_ever(follower: Client, folder: Path) -> None:
    answer = await follower.call_tool("submit_bom", {"request": {**ROOF, "thickness_mm": 77}})
    assert answer.is_error
    assert answer.structured_content is not None
    assert answer.structured_content["code"] == "thickness_not_available"
    async with opened(folder) as queue:
        assert (await queue.get_task_stats())["total"] == 0


async def test_the_same_key_is_the_same_task_and_other_arguments_under_it_are_refused(follower: Client) -> None:
    first = await create(follower, "submit_bom", request=ROOF, idempotency_key="k")
    again = await create(follower, "submit_bom", request=ROOF, idempotency_key="k")
    other = await follower.call_tool("submit_bom", {"request": {**ROOF, "length_m": 6}, "idempotency_key": "k"})
    assert first.task_id == again.task_id
    assert other.structured_content is not None
    assert other.structured_content["code"] == "idempotency_conflict"


async def test_a_failed_task_is_a_tools_error_for_the_protocol(follower: Client, folder: Path) -> None:
    async with opened(folder) as queue:
        task = await queue.enqueue(fail, False, name="calculate_bom")
    ended = await reached(follower, task.id, "completed", "failed")
    assert ended.status == "completed"
    assert ended.result is not None
    assert (ended.result["isError"], ended.result["structuredContent"]["status"]) == (True, "failed")


async def test_what_a_task_asks_is_a_form_and_a_wrong_answer_is_refused_with_what_to_write(follower: Client) -> None:
    created = await create(follower, "submit_bom", request={**ROOF, "ask_missing": True})
    asking = await reached(follower, created.task_id, "input_required")
    requests = asking.input_requests or {}
    fields = {next(iter(r["params"]["requestedSchema"]["properties"])): key for key, r in requests.items()}
    assert set(fields) == {"span_m", "structure"}

    async with refusal() as errors:
        await update(follower, created.task_id, {fields["span_m"]: accept(span_m=-3)})
    assert errors[0].code == INVALID_PARAMS
    assert (await get(follower, created.task_id)).status == "input_required"
    await update(follower, created.task_id, {fields["span_m"]: accept(span_m=2.5)})
    await update(follower, created.task_id, {fields["structure"]: accept(structure="metal")})
    ended = await reached(follower, created.task_id, "completed")
    assert ended.result is not None
    assert ended.result["isError"] is False


async def test_a_client_of_tasks_in_the_core_gets_the_same(folder: Path) -> None:
    async with Client(build_server(Settings.read(data_dir=folder)), mode="legacy") as client:
        dispatcher = client.session._dispatcher  # pyright: ignore[reportPrivateUsage]
        call = {"name": "submit_bom", "arguments": {"request": ROOF, "wait_seconds": 30}, "task": {}}
        created = await dispatcher.send_raw_request("tools/call", call, None)
        result = await dispatcher.send_raw_request("tasks/result", {"taskId": created["task"]["taskId"]}, None)
        plain = await ask(client, "submit_bom", request=ROOF, wait_seconds=30)
    assert result["structuredContent"]["result"] == plain["result"]


async def test_a_task_of_a_killed_server_goes_on_in_the_next(folder: Path) -> None:
    async with spawned(folder) as server:
        call = {"name": "submit_bom", "arguments": {"request": ROOF, "delay_seconds": 1}, "task": {}}
        created = await server.request("tools/call", call)
        server.process.kill()
        await server.process.wait()
    async with spawned(folder) as again:
        with anyio.fail_after(20):
            result = await again.request("tasks/result", {"taskId": created["task"]["taskId"]})
    assert result["structuredContent"]["status"] == "completed"
