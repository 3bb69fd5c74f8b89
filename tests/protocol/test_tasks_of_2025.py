"""Clients that speak only the tasks in the core of 2025-11-25 are served from the same rows."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import anyio
import apsw
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.client.session import ClientSession
from mcp.server.mcpserver import MCPServer
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    CancelTaskRequest,
    CancelTaskRequestParams,
    ClientCapabilities,
    CreateTaskResult,
    ElicitationCapability,
    ElicitRequestParams,
    ElicitResult,
    GetTaskPayloadRequest,
    GetTaskPayloadRequestParams,
    GetTaskRequest,
    GetTaskRequestParams,
    GetTaskResult,
    ListTasksRequest,
    ListTasksResult,
    ListToolsRequest,
    PaginatedRequestParams,
    Result,
    TaskMetadata,
    UrlElicitationCapability,
)
from pydantic import ConfigDict

from mcp_tasks import TaskQueue
from mcp_tasks.server.legacy_tasks import RELATED_TASK
from tests.protocol.talking import accept, create, following, get, reached, refusal, task_server, text, update

pytestmark = pytest.mark.anyio


class Anything(Result):
    """A result with all that is in it."""

    model_config = ConfigDict(extra="allow")


@pytest.fixture
async def old(server: MCPServer[Any]) -> AsyncIterator[Client]:
    """A client of 2025-11-25 that can show forms."""

    async def fill_in(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert params.meta is not None
        assert RELATED_TASK in params.meta
        return ElicitResult(action="accept", content={"confirm": True, "name": "Ana", "colour": "blue"})

    async with Client(server, mode="legacy", elicitation_callback=fill_in) as client:
        assert client.protocol_version == "2025-11-25"
        yield client


async def _create(client: Client, tool: str, **arguments: Any) -> str:
    # The SDK's client sends `task`, but refuses the answer: we look at it before it does.
    dispatcher = client.session._dispatcher  # pyright: ignore[reportPrivateUsage]
    call = {"name": tool, "arguments": arguments, "task": {"ttl": 60_000}}
    created = CreateTaskResult.model_validate(await dispatcher.send_raw_request("tools/call", call, None))
    assert created.task.status == "working"
    return created.task.task_id


async def _get(client: Client, task_id: str) -> GetTaskResult:
    request = GetTaskRequest(params=GetTaskRequestParams(task_id=task_id))
    return await client.session.send_request(request, GetTaskResult)


async def _result(client: Client, task_id: str) -> CallToolResult:
    request = GetTaskPayloadRequest(params=GetTaskPayloadRequestParams(task_id=task_id))
    with anyio.fail_after(15):
        return await client.session.send_request(request, CallToolResult)


async def _see_the_result(client: Client, task_id: str, said: str) -> None:
    assert text(await _result(client, task_id)) == said


async def _cancel(client: Client, task_id: str) -> GetTaskResult:
    request = CancelTaskRequest(params=CancelTaskRequestParams(task_id=task_id))
    return await client.session.send_request(request, GetTaskResult)


async def test_the_server_says_that_it_has_tasks_and_which_tools_can_be_one(old: Client) -> None:
    listed = await old.session.send_request(ListToolsRequest(), Anything)
    support = {tool["name"]: tool.get("execution") for tool in (listed.model_extra or {})["tools"]}
    assert support["greet"] is None
    assert support["slow_compute"] == {"taskSupport": "optional"}
    assert support["failing_job"] == {"taskSupport": "required"}
    tasks = old.session.server_capabilities
    assert tasks is not None
    assert tasks.model_dump(by_alias=True)["tasks"]["requests"]["tools"]["call"] == {}


async def test_a_call_becomes_a_task_whose_result_is_waited_for(old: Client, tmp_path: Path) -> None:
    task_id = await _create(old, "wait_for_the_gate", gate=str(tmp_path / "gate"))
    answers: list[CallToolResult] = []

    async def wait() -> None:
        answers.append(await _result(old, task_id))

    with anyio.fail_after(15):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            while (await _get(old, task_id)).status_message != "at the gate":
                pass
            (tmp_path / "gate").touch()
    told = await _get(old, task_id)
    assert (told.status, told.ttl is not None) == ("completed", True)
    assert text(answers[0]) == "passed the green door"
    assert answers[0].meta is not None
    assert answers[0].meta[RELATED_TASK] == {"taskId": task_id}


async def test_an_error_of_the_tool_is_a_failure_here_and_its_result_is_still_the_tools(old: Client) -> None:
    task_id = await _create(old, "failing_job")
    answer = await _result(old, task_id)
    assert (answer.is_error, (await _get(old, task_id)).status) == (True, "failed")


async def test_an_error_of_the_protocol_is_the_answer_to_who_waits_for_the_result(old: Client) -> None:
    task_id = await _create(old, "protocol_error_job")
    async with refusal() as errors:
        await _result(old, task_id)
    assert (errors[0].code, errors[0].message, errors[0].data) == (-32603, "the job broke down", {"part": "gearbox"})
    assert (await _get(old, task_id)).status == "failed"


@pytest.mark.parametrize(
    ("tool", "said"), [("multi_input", "Ana: True"), ("paint_as_elicited", "blue wall, blue door")]
)
async def test_who_waits_for_the_result_is_asked_what_the_task_asks(old: Client, tool: str, said: str) -> None:
    assert text(await _result(old, await _create(old, tool))) == said


async def test_a_form_is_withdrawn_when_another_face_answers_its_question(server: MCPServer[Any]) -> None:
    shown: list[str] = []
    asked = anyio.Event()

    async def leave_the_first(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        shown.append(params.message)
        asked.set()
        if len(shown) == 1:
            await anyio.sleep_forever()
        return ElicitResult(action="accept", content={"confirm": True})

    async with (
        Client(server, mode="legacy", elicitation_callback=leave_the_first) as old,
        following(server) as new,
    ):
        task_id = await _create(old, "multi_input")

        async with anyio.create_task_group() as group:
            group.start_soon(_see_the_result, old, task_id, "Ana: True")
            await asked.wait()
            name, _ = (await get(new, task_id)).input_requests or {}
            await update(new, task_id, {name: accept(name="Ana")})
    assert shown == ["Your name?", "Sure?"]


async def test_a_client_is_asked_only_in_the_ways_that_it_knows(
    server: MCPServer[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    async def look(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        shown.append(params.message)
        return ElicitResult(action="accept")

    def only_pages(session: ClientSession, version: str) -> ClientCapabilities:
        return ClientCapabilities(elicitation=ElicitationCapability(url=UrlElicitationCapability()))

    async with AsyncExitStack() as clients:
        new = await clients.enter_async_context(following(server))
        with monkeypatch.context() as declaring:
            declaring.setattr(ClientSession, "_build_capabilities", only_pages)
            old = await clients.enter_async_context(Client(server, mode="legacy", elicitation_callback=look))
        assert text(await _result(old, await _create(old, "pay_on_a_page"))) == "paid: accept"
        asking = await _create(old, "confirm_delete", filename="x")
        (key,) = (await reached(new, asking, "input_required")).input_requests or {}
        async with anyio.create_task_group() as group:
            group.start_soon(_see_the_result, old, asking, "x: True")
            await update(new, asking, {key: accept(confirm=True)})
    assert shown == ["Pay here"]


async def test_a_store_that_fails_while_a_form_is_open_is_said_to_who_waits(tmp_path: Path) -> None:
    asked = anyio.Event()

    async def think(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        asked.set()
        await anyio.sleep_forever()
        raise AssertionError

    async with (
        TaskQueue(tmp_path / "tasks.db") as queue,
        Client(task_server(queue), mode="legacy", elicitation_callback=think) as old,
    ):
        task_id = await _create(old, "confirm_delete", filename="x")
        vandal: Any = apsw.Connection(str(tmp_path / "tasks.db"))
        vandal.set_busy_timeout(5_000)

        async def steal() -> None:
            await asked.wait()
            vandal.execute("ALTER TABLE tasks RENAME TO stolen")

        with closing(vandal):
            async with anyio.create_task_group() as group, refusal() as errors:
                group.start_soon(steal)
                await _result(old, task_id)
            vandal.execute("ALTER TABLE stolen RENAME TO tasks")
    assert (errors[0].code, "no such table" in errors[0].message) == (INTERNAL_ERROR, True)


async def test_a_task_is_cancelled_once(old: Client) -> None:
    task_id = await _create(old, "slow_compute", seconds=60)
    assert (await _cancel(old, task_id)).status == "cancelled"
    async with refusal() as errors:
        await _result(old, task_id)
    assert "was cancelled" in errors[0].message
    completed = await _create(old, "slow_compute", seconds=0)
    await _result(old, completed)
    async with refusal() as errors:
        await _cancel(old, completed)
    assert (errors[0].code, "already completed" in errors[0].message) == (INVALID_PARAMS, True)


async def test_tasks_are_listed_newest_first_and_by_the_page(old: Client) -> None:
    made = [await _create(old, "slow_compute", seconds=0) for _ in range(3)]
    listed = await old.session.send_request(ListTasksRequest(params=PaginatedRequestParams()), ListTasksResult)
    assert [task.task_id for task in listed.tasks] == made[::-1]
    assert listed.next_cursor is None
    async with refusal() as errors:
        wrong = ListTasksRequest(params=PaginatedRequestParams(cursor="not-a-cursor"))
        await old.session.send_request(wrong, ListTasksResult)
    assert errors[0].code == INVALID_PARAMS


async def test_what_cannot_be_is_refused(old: Client) -> None:
    for tool, task in (("greet", TaskMetadata()), ("failing_job", None)):
        params = CallToolRequestParams(name=tool, arguments={"name": "Ana"} if task else {}, task=task)
        async with refusal() as errors:
            await old.session.send_request(CallToolRequest(params=params), Result)
        assert errors[0].code == METHOD_NOT_FOUND
    async with refusal() as errors:
        await _get(old, "nobody-knows-this-one")
    assert (errors[0].code, errors[0].message) == (INVALID_PARAMS, "Failed to retrieve task: Task not found")


async def test_a_plain_call_is_answered_as_ever(old: Client) -> None:
    assert text(await old.call_tool("slow_compute", {"seconds": 0})) == ": done after 0 s"


async def test_both_eras_see_the_same_task(server: MCPServer[Any], old: Client) -> None:
    async with following(server) as new:
        made = await create(new, "failing_job")
        answer = await _result(old, made.task_id)
        ended = await reached(new, made.task_id, "completed")
        assert text(answer) == text(ended.result)
        assert (await get(new, await _create(old, "slow_compute", seconds=0))).status in {"working", "completed"}
