"""A call of a client that can follow tasks becomes a task; every other call is answered as ever."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp_types import INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY

from mcp_tasks import TaskQueue
from mcp_tasks.server import TasksExtension
from mcp_tasks.wire import EXTENSION
from tests.protocol.asking_tools import add_asking_tools
from tests.protocol.talking import (
    cancel,
    create,
    following,
    get,
    reached,
    refusal,
    served,
    task_server,
    text,
    update,
)

pytestmark = pytest.mark.anyio


async def _answer_nothing(client: Client, task_id: str) -> None:
    await update(client, task_id, {})


_ASK: list[Callable[[Client, str], Awaitable[object]]] = [get, cancel, _answer_nothing]


async def test_the_call_is_answered_at_once_with_a_task_that_tells_about_itself(client: Client, tmp_path: Path) -> None:
    created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
    assert (created.result_type, created.status) == ("task", "working")
    assert created.ttl_ms is None  # nothing deletes it while it is at work
    assert created.created_at <= created.last_updated_at
    assert created.created_at.endswith("Z")
    assert 0 < (created.poll_interval_ms or 0) <= 60_000

    working = await reached(client, created.task_id, "working")
    assert (working.result, working.error, working.input_requests) == (None, None, None)
    (tmp_path / "gate").touch()
    ended = await reached(client, created.task_id, "completed")
    assert text(ended.result) == "passed the green door"
    assert ended.ttl_ms is not None
    assert ended.ttl_ms >= 86_400_000
    assert ended.last_updated_at >= created.last_updated_at


async def test_a_running_task_says_how_far_it_is(client: Client, tmp_path: Path) -> None:
    created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
    while (told := await get(client, created.task_id)).status_message is None:
        pass
    (tmp_path / "gate").touch()
    assert told.status_message == "at the gate"


async def test_a_plain_function_is_a_task_too_and_its_answer_is_that_of_a_plain_call(
    server: MCPServer[Any], client: Client
) -> None:
    ended = await reached(client, (await create(client, "count", to=3)).task_id, "completed")
    async with Client(server) as plain:
        answer = await plain.call_tool("count", {"to": 3})
    assert ended.result == answer.model_dump(by_alias=True, mode="json", exclude_none=True, exclude={"meta"})
    assert answer.structured_content == {"result": 3}


async def test_a_client_with_our_extension_notices_nothing(server: MCPServer[Any]) -> None:
    async with following(server) as client:
        answer = await client.call_tool("slow_compute", {"seconds": 0, "label": "quick"})
        assert (text(answer), answer.is_error) == ("quick: done after 0 s", False)
        assert text(await client.call_tool("greet", {"name": "Ana"})) == "Hello, Ana!"


async def test_an_error_of_the_tool_completes_the_task_and_an_error_of_the_protocol_fails_it(client: Client) -> None:
    completed = await reached(client, (await create(client, "failing_job")).task_id, "completed", "failed")
    failed = await reached(client, (await create(client, "protocol_error_job")).task_id, "completed", "failed")

    assert completed.result is not None
    assert (completed.status, completed.result["isError"]) == ("completed", True)
    assert "this job always fails" in text(completed.result)
    assert (failed.status, failed.result, failed.status_message) == ("failed", None, "the job broke down")
    assert failed.error == {"code": -32603, "message": "the job broke down", "data": {"part": "gearbox"}}


async def test_a_cancelled_task_ends_cancelled_and_a_second_cancel_is_none_the_worse(client: Client) -> None:
    created = await create(client, "slow_compute", seconds=60)
    await cancel(client, created.task_id)
    ended = await reached(client, created.task_id, "cancelled", "completed", "failed")
    await cancel(client, created.task_id)
    assert (ended.status, ended.result, ended.error) == ("cancelled", None, None)


async def test_a_plain_function_holds_up_no_cancel_and_its_thread_sees_it(client: Client, tmp_path: Path) -> None:
    told = tmp_path / "told"
    created = await create(client, "stop_when_told", told=str(told))
    await _there(told.with_suffix(".started"))
    await cancel(client, created.task_id)
    ended = await reached(client, created.task_id, "cancelled", "completed")
    assert ended.status == "cancelled"
    await _there(told)


async def test_a_plain_function_holds_up_no_end_of_a_server_and_runs_again(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with served(tmp_path, grace_seconds=0) as server:
        async with following(server) as client:
            created = await create(client, "block_at_the_gate", gate=str(gate))
            await _there(gate.with_suffix(".1"))
        assert not gate.exists()
        gate.touch()
        async with following(server) as client:
            assert text((await reached(client, created.task_id, "completed")).result) == "passed"


async def _there(path: Path) -> None:
    """Wait for a file."""
    with anyio.fail_after(10):
        while not path.exists():
            await anyio.sleep(0.01)


async def test_wrong_arguments_are_refused_at_once_and_nothing_is_stored(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, following(task_server(queue)) as client:
        answer = await client.call_tool("count", {"to": "many"})
        assert answer.is_error
        assert "valid integer" in text(answer)
        assert (await queue.get_task_stats())["total"] == 0


async def test_a_full_queue_is_an_error_of_the_tool(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db", max_unfinished=1) as queue, following(task_server(queue)) as client:
        await create(client, "slow_compute", seconds=60)
        answer = await client.call_tool("slow_compute", {"seconds": 60})
        assert answer.is_error
        assert answer.structured_content is not None
        assert answer.structured_content["code"] == "queue_full"


async def test_a_client_that_knows_no_tasks_gets_the_result_unless_the_tool_requires_them(
    server: MCPServer[Any],
) -> None:
    async with Client(server) as client:
        assert text(await client.call_tool("slow_compute", {"seconds": 0})) == ": done after 0 s"
        async with refusal() as errors:
            await client.call_tool("failing_job")
    assert errors[0].code == MISSING_REQUIRED_CLIENT_CAPABILITY
    assert errors[0].data == {"requiredCapabilities": {"extensions": {EXTENSION: {}}}}


async def test_a_client_that_did_not_declare_the_extension_cannot_ask_for_tasks(
    server: MCPServer[Any], client: Client
) -> None:
    created = await create(client, "slow_compute", seconds=0)
    async with Client(server) as stranger:
        for ask in _ASK:
            async with refusal() as errors:
                await ask(stranger, created.task_id)
            assert errors[0].code == MISSING_REQUIRED_CLIENT_CAPABILITY


async def test_an_unknown_task_is_refused(client: Client) -> None:
    for ask in _ASK:
        async with refusal() as errors:
            await ask(client, "nobody-knows-this-one")
        assert (errors[0].code, errors[0].message) == (INVALID_PARAMS, "Failed to retrieve task: Task not found")


async def test_a_tool_of_the_server_itself_is_marked_by_its_name(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        tasks = TasksExtension(queue)
        mcp: MCPServer[Any] = tasks.server("marked")

        @mcp.tool()
        async def double(n: int) -> int:
            """Twice as much."""
            return 2 * n

        @tasks.tool()
        def half(n: int) -> float:
            """Half as much, defined when the server was there already."""
            return n / 2

        tasks.mark("double")
        async with following(mcp) as client:
            for tool, result in (("double", 8), ("half", 2.0)):
                ended = await reached(client, (await create(client, tool, n=4)).task_id, "completed")
                assert ended.result is not None
                assert ended.result["structuredContent"] == {"result": result}


async def test_tasks_get_the_state_of_a_connection_that_is_still_there(tmp_path: Path) -> None:
    @asynccontextmanager
    async def a_door(server: MCPServer[dict[str, str]]) -> AsyncGenerator[dict[str, str]]:
        state = {"door": "an open door"}
        yield state
        state["door"] = "a closed door"

    (tmp_path / "gate").touch()
    gate = {"gate": str(tmp_path / "gate")}
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        tasks = TasksExtension(queue)
        add_asking_tools(tasks)
        server = tasks.server("doors", lifespan=a_door)
        async with following(server) as stays:
            async with following(server) as leaves:
                assert text(await leaves.call_tool("wait_for_the_gate", gate)) == "passed an open door"
            assert text(await stays.call_tool("wait_for_the_gate", gate)) == "passed an open door"
        async with following(server) as later:
            assert text(await later.call_tool("wait_for_the_gate", gate)) == "passed an open door"


async def test_clients_share_one_worker_and_the_tasks_outlive_each_of_them(tmp_path: Path) -> None:
    async with served(tmp_path, max_concurrent_tasks=1) as server:
        async with following(server) as client:
            created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
            await reached(client, created.task_id, "working")
        (tmp_path / "gate").touch()
        async with following(server) as later, following(server) as another:
            assert (await reached(later, created.task_id, "completed")).task_id == created.task_id
            assert (await get(another, created.task_id)).status == "completed"
