"""A protocol task survives the death of its server between any two requests, and the restart of its client."""

import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp_types import ElicitRequestParams, ElicitResult

from mcp_tasks.client import TasksClientExtension, TaskWaitsForAnswers
from mcp_tasks.wire import CreatedTask
from tests.protocol.processes import http_process, stdio_process
from tests.protocol.talking import accept, create, get, reached, text, update

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio"])]


async def _kill(client: Client) -> None:
    """Kill -9 the process that the client talks to."""
    answer = await client.call_tool("process_id")
    assert answer.structured_content is not None
    os.kill(answer.structured_content["result"], signal.SIGKILL)


async def _client(stack: AsyncExitStack, transport: str, folder: Path) -> Client:
    """A client of a new server process; the stack ends both."""
    if transport == "stdio":
        return await stack.enter_async_context(stdio_process(folder))
    process = await stack.enter_async_context(http_process(folder))
    return await stack.enter_async_context(process.client())


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_task_goes_on_when_the_server_is_killed_between_any_two_requests(
    tmp_path: Path, transport: str
) -> None:
    async with AsyncExitStack() as stack:
        first = await _client(stack, transport, tmp_path)
        running = await create(first, "wait_for_the_gate", gate=str(tmp_path / "gate"))
        asking = await create(first, "multi_input")
        await reached(first, asking.task_id, "input_required")
        await _kill(first)  # between tools/call and tasks/get

    async with AsyncExitStack() as stack:
        second = await _client(stack, transport, tmp_path)
        told = await get(second, running.task_id)
        assert (told.status, told.created_at) == ("working", running.created_at)
        name, sure = (await get(second, asking.task_id)).input_requests or {}
        await update(second, asking.task_id, {name: accept(name="Ana")})
        await _kill(second)  # between two answers

    async with AsyncExitStack() as stack:
        third = await _client(stack, transport, tmp_path)
        assert list((await get(third, asking.task_id)).input_requests or {}) == [sure]
        await update(third, asking.task_id, {sure: accept(confirm=True)})
        assert text((await reached(third, asking.task_id, "completed")).result) == "Ana: True"
        (tmp_path / "gate").touch()
        assert text((await reached(third, running.task_id, "completed")).result) == "passed an open door"
        await _kill(third)  # the results are there

    async with AsyncExitStack() as stack:
        fourth = await _client(stack, transport, tmp_path)
        assert text((await get(fourth, asking.task_id)).result) == "Ana: True"
        assert text((await get(fourth, running.task_id)).result) == "passed an open door"


async def test_a_client_that_starts_again_resumes_a_task_by_its_id(tmp_path: Path) -> None:
    remembered: list[str] = []

    async def remember(created: CreatedTask) -> None:
        remembered.append(created.task_id)

    async def answer(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"colour": "blue"})

    tasks = TasksClientExtension(created=remember)
    async with http_process(tmp_path) as server:
        async with server.client(extensions=[tasks]) as client:
            with pytest.raises(TaskWaitsForAnswers):
                await client.call_tool("paint_as_elicited")
        async with server.client(extensions=[tasks], elicitation_callback=answer) as client:
            with anyio.fail_after(15):
                assert text(await tasks.resume(client, remembered[0])) == "blue wall, blue door"
