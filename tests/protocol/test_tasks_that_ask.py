"""A tool may ask in the middle of its task, which waits without a worker; with the answer the tool runs again."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.server.mcpserver import MCPServer
from mcp_types import INVALID_PARAMS, ElicitRequestParams, ElicitResult, InputRequiredResult, InputResponses

from mcp_tasks.client import TasksClientExtension, TaskWaitsForAnswers
from mcp_tasks.wire import CreatedTask
from tests.protocol.talking import (
    accept,
    create,
    following,
    get,
    reached,
    refusal,
    served,
    text,
    update,
)

pytestmark = pytest.mark.anyio


async def _says_blue(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"colour": "blue", "confirm": True, "name": "Ana"})


async def _declines(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="decline")


async def test_what_a_tool_asks_is_shown_answered_and_the_tool_goes_on(client: Client) -> None:
    created = await create(client, "confirm_delete", filename="old.txt")
    asking = await reached(client, created.task_id, "input_required")
    assert asking.input_requests is not None
    ((key, request),) = asking.input_requests.items()
    assert (request["method"], request["params"]["message"]) == ("elicitation/create", "Delete old.txt?")
    assert set(request) == {"method", "params"}
    assert asking.status_message == "Delete old.txt?"

    await update(client, created.task_id, {key: accept(confirm=True)})
    ended = await reached(client, created.task_id, "completed")
    assert text(ended.result) == "old.txt: True"


async def test_answers_may_come_one_by_one_and_those_to_nothing_are_ignored(client: Client) -> None:
    created = await create(client, "multi_input")
    asking = await reached(client, created.task_id, "input_required")
    name, sure = asking.input_requests or {}
    await update(client, created.task_id, {name: accept(name="Ana"), "nobody-asked-this": accept()})
    await update(client, created.task_id, {name: accept(name="too late")})
    left = await get(client, created.task_id)
    assert (left.status, list(left.input_requests or {})) == ("input_required", [sure])

    await update(client, created.task_id, {sure: {"action": "decline"}})
    assert text((await reached(client, created.task_id, "completed")).result) == "Ana: decline"


async def test_no_worker_is_held_while_a_task_waits_for_its_answer(tmp_path: Path) -> None:
    async with served(tmp_path, max_concurrent_tasks=1) as server, following(server) as client:
        waiting = await create(client, "multi_input")
        await reached(client, waiting.task_id, "input_required")
        with anyio.fail_after(10):
            assert text(await client.call_tool("slow_compute", {"seconds": 0})) == ": done after 0 s"
        assert (await get(client, waiting.task_id)).status == "input_required"


async def test_a_tool_may_elicit_through_its_context_as_in_any_request(client: Client) -> None:
    created = await create(client, "paint_as_elicited")
    keys: list[str] = []
    for colour in ("white", "green"):
        asking = await reached(client, created.task_id, "input_required")
        (key,) = asking.input_requests or {}
        keys.append(key)
        await update(client, created.task_id, {key: accept(colour=colour)})
    ended = await reached(client, created.task_id, "completed")
    assert text(ended.result) == "white wall, green door"
    assert len(set(keys)) == 2


async def test_a_parameter_that_asks_is_asked_for_in_the_task(server: MCPServer[Any]) -> None:
    async with following(server, elicitation_callback=_says_blue) as client:
        assert text(await client.call_tool("paint_as_resolved")) == "painted blue"


async def test_a_question_in_words_is_a_form_with_one_field(client: Client) -> None:
    created = await create(client, "paint_as_needed")
    asking = await reached(client, created.task_id, "input_required")
    ((key, request),) = (asking.input_requests or {}).items()
    schema = request["params"]["requestedSchema"]
    assert (schema["required"], schema["properties"]["colour"]["enum"]) == (["colour"], ["red", "blue"])

    for wrong in ({"action": "perhaps"}, accept(color="red"), {"no": "action"}):
        async with refusal() as errors:
            await update(client, created.task_id, {key: wrong})
        assert errors[0].code == INVALID_PARAMS
        assert key in errors[0].message
    await update(client, created.task_id, {key: {"action": "cancel"}})
    assert (await get(client, created.task_id)).status == "input_required"
    await update(client, created.task_id, {key: accept(colour="red")})
    assert text((await reached(client, created.task_id, "completed")).result) == "painted red"


async def test_a_task_can_be_cancelled_while_it_asks(client: Client) -> None:
    created = await create(client, "multi_input")
    asking = await reached(client, created.task_id, "input_required")
    await TasksClientExtension().cancel(client, created.task_id)
    ended = await reached(client, created.task_id, "cancelled")
    await update(client, created.task_id, {key: accept(name="Ana") for key in asking.input_requests or {}})
    assert ended.input_requests is None


@pytest.mark.parametrize("tool", ["paint_as_elicited", "paint_as_needed", "multi_input", "test_tool_with_task"])
async def test_our_client_answers_through_its_callback(server: MCPServer[Any], tool: str) -> None:
    async with following(server, elicitation_callback=_says_blue) as client:
        with anyio.fail_after(15):
            answer = await client.call_tool(tool)
    assert not answer.is_error
    assert any(word in text(answer) for word in ("blue", "Ana"))


async def test_our_client_says_when_a_task_waits_for_an_answer_that_it_has_not(server: MCPServer[Any]) -> None:
    tasks = TasksClientExtension()
    async with Client(server, extensions=[tasks]) as client:
        with pytest.raises(TaskWaitsForAnswers) as waits:
            await client.call_tool("paint_as_needed")
    async with Client(server, extensions=[tasks], elicitation_callback=_declines) as declining:
        with pytest.raises(TaskWaitsForAnswers, match="the user gave none"):
            await tasks.resume(declining, waits.value.task_id)
    async with Client(server, extensions=[tasks], elicitation_callback=_says_blue) as answering:
        assert text(await tasks.resume(answering, waits.value.task_id)) == "painted blue"


async def test_a_tool_may_ask_while_the_caller_waits_and_become_a_task_then(client: Client) -> None:
    asked = await client.session.call_tool("test_tool_with_task", {}, allow_input_required=True, allow_claimed=True)
    assert isinstance(asked, InputRequiredResult)
    said: InputResponses = {
        key: ElicitResult(action="accept", content={"name": "Ana"}) for key in asked.input_requests or {}
    }
    created = await client.session.call_tool(
        "test_tool_with_task", {}, input_responses=said, request_state=asked.request_state, allow_claimed=True
    )
    assert isinstance(created, CreatedTask)
    assert text((await reached(client, created.task_id, "completed")).result) == "Hello, Ana!"
