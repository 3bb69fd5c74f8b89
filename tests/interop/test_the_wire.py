"""What the tasks extension demands of single messages, read off the wire, and what a client must not do."""

import json
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import apsw
import httpx2
import pytest
from mcp.client.streamable_http import streamable_http_client
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp_types import INTERNAL_ERROR
from pydantic import ValidationError

from mcp_tasks import TaskQueue
from tests.protocol.processes import HttpProcess, http_process
from tests.protocol.talking import (
    bare_headers,
    bare_message,
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

_FEWEST_CHARACTERS = 22  # 128 bits in the alphabet of base64


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The server is a process of its own, so the client's loop proves nothing about it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[HttpProcess]:
    """A server over HTTP."""
    async with http_process(tmp_path_factory.mktemp("wire")) as server:
        yield server


async def _result(server: HttpProcess, method: str, *, declares: bool = True, **params: Any) -> dict[str, Any]:
    """The result of a request, as it came."""
    message = bare_message(method, params, declares=declares)
    async with httpx2.AsyncClient(timeout=20) as web:
        answer = await web.post(server.url, json=message, headers=bare_headers(message))
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith(("data: ", "{"))]
    return json.loads(lines[-1])["result"]


async def _call(server: HttpProcess, tool: str, *, declares: bool = True, **arguments: Any) -> dict[str, Any]:
    return await _result(server, "tools/call", declares=declares, name=tool, arguments=arguments)


async def test_a_declaration_counts_for_its_own_request_and_for_no_other(server: HttpProcess) -> None:
    assert (await _call(server, "slow_compute", seconds=0))["resultType"] == "task"

    answer = await _call(server, "slow_compute", seconds=0, declares=False)
    assert answer["resultType"] == "complete"
    assert answer["content"][0]["text"] == ": done after 0 s"


async def test_only_a_created_task_has_that_type_and_all_other_results_are_complete(server: HttpProcess) -> None:
    created = await _call(server, "multi_input")
    task_id = created["taskId"]
    assert created["resultType"] == "task"
    assert {"result", "error", "inputRequests"} & created.keys() == set()

    got = await _result(server, "tasks/get", taskId=task_id)
    updated = await _result(server, "tasks/update", taskId=task_id, inputResponses={})
    cancelled = await _result(server, "tasks/cancel", taskId=task_id)
    greeted = await _call(server, "greet", name="Ana")
    assert [answer["resultType"] for answer in (got, updated, cancelled, greeted)] == ["complete"] * 4
    assert set(updated) | set(cancelled) <= {"resultType", "_meta"}  # acknowledged, and nothing said


async def test_on_a_subscription_there_is_nothing_but_the_tasks(server: HttpProcess, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    created = await _call(server, "wait_for_the_gate", gate=str(gate))
    message = bare_message("subscriptions/listen", {"notifications": {"taskIds": [created["taskId"], "nobody-s"]}})
    heard: list[dict[str, Any]] = []
    async with (
        httpx2.AsyncClient(timeout=20) as web,
        web.stream("POST", server.url, json=message, headers=bare_headers(message)) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data: {"):
                heard.append(json.loads(line.removeprefix("data: ")))
                gate.touch()
            if heard and heard[-1]["params"].get("status") == "completed":
                break

    acknowledged, *told = heard
    assert acknowledged["method"] == "notifications/subscriptions/acknowledged"
    assert acknowledged["params"]["notifications"]["taskIds"] == [created["taskId"]]
    assert {message["method"] for message in told} == {"notifications/tasks"}  # no progress, no log
    got = await _result(server, "tasks/get", taskId=created["taskId"])
    moment = {"_meta", "resultType", "pollIntervalMs"}
    assert {k: v for k, v in told[-1]["params"].items() if k not in moment} == {
        k: v for k, v in got.items() if k not in moment
    }


async def test_a_task_is_found_by_every_process_on_its_file_at_once(server: HttpProcess, tmp_path: Path) -> None:
    async with http_process(tmp_path) as one, http_process(tmp_path) as other:
        for _ in range(5):
            created = await _call(one, "slow_compute", seconds=0)
            assert (await _result(other, "tasks/get", taskId=created["taskId"]))["taskId"] == created["taskId"]


async def test_ids_cannot_be_guessed(server: HttpProcess) -> None:
    ids = [(await _call(server, "slow_compute", seconds=0))["taskId"] for _ in range(20)]

    tails = [id_[-_FEWEST_CHARACTERS:] for id_ in ids]
    assert len(set(tails)) == len(ids)
    for place in range(_FEWEST_CHARACTERS):
        assert len({tail[place] for tail in tails}) > 3, "a character that hardly ever changes is no secret"


async def test_our_client_names_the_task_in_the_routing_header(tmp_path: Path) -> None:
    names: list[tuple[str, str | None]] = []

    async def note(request: httpx2.Request) -> None:
        names.append((request.headers.get("mcp-method", ""), request.headers.get("mcp-name")))

    async with (
        http_process(tmp_path) as server,
        httpx2.AsyncClient(event_hooks={"request": [note]}) as web,
        following(streamable_http_client(server.url, http_client=web)) as client,
    ):
        task_id = (await create(client, "multi_input")).task_id
        await get(client, task_id)
        await update(client, task_id, {})
        await cancel(client, task_id)
    sent = [(method, name) for method, name in names if method.startswith("tasks/")]
    assert sent == [("tasks/get", task_id), ("tasks/update", task_id), ("tasks/cancel", task_id)]


async def test_who_gives_up_waiting_cancels_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as server, following(server) as client:
        created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
        with anyio.move_on_after(0.2):
            await client.call_tool("wait_for_the_gate", {"gate": str(tmp_path / "gate")})
        with anyio.move_on_after(0.2):
            await get(client, created.task_id)
        (tmp_path / "gate").touch()
        assert text((await reached(client, created.task_id, "completed", "cancelled")).result).startswith("passed")


async def test_our_client_refuses_a_task_where_none_may_be(tmp_path: Path) -> None:
    async def mislead(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        answer = await call_next(ctx)
        if ctx.method == "prompts/get":
            moment = "2026-07-28T00:00:00Z"
            times = {"createdAt": moment, "lastUpdatedAt": moment, "ttlMs": None}
            return {"resultType": "task", "taskId": "t", "status": "working", **times}
        return answer

    wrong: MCPServer[Any] = MCPServer("wrong", middleware=[mislead])
    wrong.prompt("hello")(lambda: "hello")
    async with following(wrong) as client:
        with pytest.raises(ValidationError, match="resultType"):
            await client.get_prompt("hello")


async def test_a_store_that_cannot_be_read_is_an_internal_error(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, following(task_server(queue)) as client:
        created = await create(client, "multi_input")
        await reached(client, created.task_id, "input_required")
        vandal: Any = apsw.Connection(str(tmp_path / "tasks.db"))
        with closing(vandal):
            vandal.execute("ALTER TABLE tasks RENAME TO stolen")
            async with refusal() as errors:
                await get(client, created.task_id)
            vandal.execute("ALTER TABLE stolen RENAME TO tasks")
    assert errors[0].code == INTERNAL_ERROR
