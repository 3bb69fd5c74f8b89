"""What only HTTP has: routing headers, and callers who are told apart by their tokens."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import anyio
import httpx2
import pytest
from mcp import Client
from mcp_types import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    ListTasksRequest,
    ListTasksResult,
    PaginatedRequestParams,
    Request,
    Result,
)

from mcp_tasks.client import TasksClientExtension
from mcp_tasks.wire import CancelTask, GetTask, TaskIdParams
from tests.protocol.processes import HttpProcess, http_process
from tests.protocol.talking import bare_headers, bare_message, cancel, create, get, reached, refusal, text, update

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The server is a process of its own, so the client's loop proves nothing about it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def open_to_all(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[HttpProcess]:
    """A server on loopback without authentication."""
    async with http_process(tmp_path_factory.mktemp("open")) as server:
        yield server


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[HttpProcess]:
    """A server that wants a token."""
    async with http_process(tmp_path_factory.mktemp("guarded"), "authenticated") as server:
        yield server


async def _ask(server: HttpProcess, task_id: str, name: str | None) -> dict[str, Any]:
    """`tasks/get` with that routing header, or without; what came back."""
    message = bare_message("tasks/get", {"taskId": task_id})
    headers = {key: value for key, value in bare_headers(message).items() if key != "mcp-name"}
    async with httpx2.AsyncClient(timeout=20) as web:
        response = await web.post(server.url, json=message, headers=headers | ({"mcp-name": name} if name else {}))
    return {"status": response.status_code, **response.json()}


async def test_a_routing_header_must_say_what_the_body_says_but_may_be_missing(open_to_all: HttpProcess) -> None:
    async with open_to_all.client() as client:
        task_id = (await create(client, "slow_compute", seconds=0)).task_id
        await reached(client, task_id, "completed")
    for name in (None, task_id):
        assert (await _ask(open_to_all, task_id, name))["result"]["taskId"] == task_id
    refused = await _ask(open_to_all, task_id, "another-task")
    assert (refused["status"], refused["error"]["code"]) == (400, HEADER_MISMATCH)


async def test_a_call_over_http_is_followed_to_its_end(open_to_all: HttpProcess) -> None:
    async with open_to_all.client() as client:
        assert (
            text(await client.call_tool("slow_compute", {"seconds": 0.2, "label": "http"})) == "http: done after 0.2 s"
        )


async def test_changes_are_heard_over_http(open_to_all: HttpProcess, tmp_path: Path) -> None:
    tasks = TasksClientExtension()
    async with open_to_all.client(extensions=[tasks]) as client:
        created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
        async with tasks.listen(client, [created.task_id]) as changes:
            async for task in changes:
                (tmp_path / "gate").touch()
                if task.status == "completed":
                    break


async def test_anothers_task_is_refused_in_the_words_for_one_that_does_not_exist(guarded: HttpProcess) -> None:
    async with guarded.client("desk/ana") as ana, guarded.client("desk/bob") as bob:
        created = await create(ana, "confirm_delete", filename="x")
        await reached(ana, created.task_id, "input_required")
        for ask in (get, cancel, _answer_nothing):
            words: list[tuple[int, str]] = []
            for task_id in (created.task_id, "unknown"):
                async with refusal() as errors:
                    await ask(bob, task_id)
                words.append((errors[0].code, errors[0].message))
            assert words[0] == words[1] == (INVALID_PARAMS, "Failed to retrieve task: Task not found")
        await cancel(ana, created.task_id)
        assert (await reached(ana, created.task_id, "cancelled")).status == "cancelled"


async def test_clients_of_2025_are_refused_anothers_task_in_the_same_words(guarded: HttpProcess) -> None:
    async with guarded.client("desk/ana") as ana, guarded.client("desk/bob", mode="legacy") as bob:
        created = await create(ana, "confirm_delete", filename="x")
        await reached(ana, created.task_id, "input_required")
        for ask in (GetTask, GetTaskResult, CancelTask):
            words: list[tuple[int, str]] = []
            for task_id in (created.task_id, "unknown"):
                async with refusal() as errors:
                    await bob.session.send_request(ask(params=TaskIdParams(task_id=task_id)), Result)
                words.append((errors[0].code, errors[0].message))
            assert words[0] == words[1] == (INVALID_PARAMS, "Failed to retrieve task: Task not found")
        assert (await get(ana, created.task_id)).status == "input_required"


class GetTaskResult(Request[TaskIdParams, Literal["tasks/result"]]):
    """What does the call answer?"""

    method: Literal["tasks/result"] = "tasks/result"
    params: TaskIdParams


async def test_nobody_hears_of_anothers_task(guarded: HttpProcess, tmp_path: Path) -> None:
    tasks = TasksClientExtension()
    async with guarded.client("desk/ana") as ana, guarded.client("desk/bob", extensions=[tasks]) as bob:
        hers = (await create(ana, "confirm_delete", filename="x")).task_id
        await reached(ana, hers, "input_required")
        his = (await create(bob, "wait_for_the_gate", gate=str(tmp_path / "gate"))).task_id
        heard: set[str] = set()
        with anyio.fail_after(15):
            async with tasks.listen(bob, [hers, his]) as changes:
                async for task in changes:
                    heard.add(task.task_id)
                    if task.task_id == his and task.status == "working":
                        await cancel(ana, hers)
                        await reached(ana, hers, "cancelled")
                        (tmp_path / "gate").touch()
                    if task.task_id == his and task.status == "completed":
                        break
    assert heard == {his}


async def _answer_nothing(client: Client, task_id: str) -> None:
    await update(client, task_id, {})


async def test_two_users_of_one_client_are_two_owners_and_one_user_is_one_across_eras(guarded: HttpProcess) -> None:
    async with (
        guarded.client("till/ana") as ana,
        guarded.client("till/ana", mode="legacy") as old_ana,
        guarded.client("till/bob", mode="legacy") as old_bob,
    ):
        created = await create(ana, "slow_compute", seconds=0)
        assert await _listed(old_ana) == [created.task_id]
        assert await _listed(old_bob) == []


async def _listed(client: Client) -> list[str]:
    request = ListTasksRequest(params=PaginatedRequestParams())
    return [task.task_id for task in (await client.session.send_request(request, ListTasksResult)).tasks]


async def test_tasks_are_not_listed_where_callers_cannot_be_told_apart(open_to_all: HttpProcess) -> None:
    async with open_to_all.client(mode="legacy") as client:
        capabilities = client.session.server_capabilities
        assert capabilities is not None
        assert capabilities.tasks is not None
        assert capabilities.tasks.list is None
        async with refusal() as errors:
            await _listed(client)
    assert errors[0].code == METHOD_NOT_FOUND
