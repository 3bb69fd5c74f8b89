"""Whoever listens to tasks hears of each change, and only of its own tasks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp_types import (
    INVALID_PARAMS,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    Result,
    SubscriptionFilter,
    SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
)

from mcp_tasks.app import build_server
from mcp_tasks.client import TasksClientExtension
from mcp_tasks.settings import Settings
from mcp_tasks.wire import DetailedTask, TaskNotificationParams
from tests.protocol.talking import accept, create, following, refusal, text, update
from tests.server.serving import ROOF

pytestmark = pytest.mark.anyio


def _request(**notifications: list[str]) -> SubscriptionsListenRequest:
    wanted = SubscriptionFilter.model_validate(notifications)
    return SubscriptionsListenRequest(params=SubscriptionsListenRequestParams(notifications=wanted))


async def _until_the_end(changes: AsyncIterator[DetailedTask]) -> AsyncIterator[DetailedTask]:
    """What is told of one task."""
    async for task in changes:
        yield task
        if task.result:
            break


async def test_a_listener_hears_of_every_change_up_to_the_result(server: MCPServer[Any], tmp_path: Path) -> None:
    tasks = TasksClientExtension()
    async with Client(server, extensions=[tasks]) as client:
        created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
        heard: list[DetailedTask] = []
        with anyio.fail_after(15):
            async with tasks.listen(client, [created.task_id, "unknown"]) as changes:
                async for task in changes:
                    heard.append(task)
                    if task.status_message == "at the gate":
                        (tmp_path / "gate").touch()
                    if task.status == "completed":
                        break
        assert {task.task_id for task in heard} == {created.task_id}
        assert {task.status for task in heard} == {"working", "completed"}
        assert text(heard[-1].result) == "passed the green door"
        got = await tasks.get(client, created.task_id)
    own = {"meta", "poll_interval_ms"}  # of the message, and of the moment
    assert heard[-1].model_dump(exclude=own) == got.model_dump(exclude=own)


async def test_a_listener_hears_what_a_task_asks(server: MCPServer[Any]) -> None:
    tasks = TasksClientExtension()
    async with Client(server, extensions=[tasks]) as client:
        created = await create(client, "confirm_delete", filename="x")
        heard: list[DetailedTask] = []
        with anyio.fail_after(15):
            async with tasks.listen(client, [created.task_id]) as changes:
                async for task in changes:
                    heard.append(task)
                    for key in task.input_requests or {}:
                        await update(client, task.task_id, {key: accept(confirm=False)})
                    if task.result:
                        break
    assert text(heard[-1].result) == "x: False"


async def test_listening_ends_when_the_server_ends_it(tmp_path: Path) -> None:
    server, tasks = build_server(Settings.read(data_dir=tmp_path)), TasksClientExtension()
    heard: list[str] = []
    async with Client(server, extensions=[tasks]) as client:
        created = await create(client, "submit_bom", request=ROOF, delay_seconds=600)
        with anyio.fail_after(15):
            async with tasks.listen(client, [created.task_id]) as changes:
                async for task in changes:
                    heard.append(task.status)
                    server.end_listening()
    assert heard == ["working"]


async def test_listening_outlasts_the_time_in_which_a_request_must_be_answered(server: MCPServer[Any]) -> None:
    tasks = TasksClientExtension()
    async with Client(server, extensions=[tasks], read_timeout_seconds=1) as client:
        created = await create(client, "slow_compute", seconds=1.5)
        with anyio.fail_after(15):
            async with tasks.listen(client, [created.task_id]) as changes:
                heard = [task.status async for task in _until_the_end(changes)]
    assert heard[-1] == "completed"


async def test_who_may_not_listen_is_told_the_servers_error(server: MCPServer[Any]) -> None:
    async with Client(server) as client, refusal() as errors:
        with anyio.fail_after(5):
            async with TasksClientExtension().listen(client, ["any"]) as changes:
                async for _ in changes:
                    pass
    assert errors[0].code == MISSING_REQUIRED_CLIENT_CAPABILITY


async def test_an_error_of_who_listens_stays_what_it_is(client: Client) -> None:
    with pytest.raises(LookupError, match="nobody is at home"):
        async with TasksClientExtension().listen(client, ["any"]):
            raise LookupError("nobody is at home")


async def test_each_listener_hears_of_its_own_tasks(server: MCPServer[Any]) -> None:
    tasks = TasksClientExtension()
    async with Client(server, extensions=[tasks]) as client:
        first, second = [(await create(client, "slow_compute", seconds=0)).task_id for _ in range(2)]
        with anyio.fail_after(15):
            async with tasks.listen(client, [first]) as changes, tasks.listen(client, [second]) as others:
                heard = {task.task_id async for task in _until_the_end(others)}
                heard_first = {task.task_id async for task in _until_the_end(changes)}
    assert (heard_first, heard) == ({first}, {second})


async def test_who_does_not_read_loses_no_end_and_holds_up_nobody(server: MCPServer[Any], tmp_path: Path) -> None:
    tasks = TasksClientExtension()
    (told,) = tasks.notifications()
    async with Client(server, extensions=[tasks]) as client:
        created = await create(client, "wait_for_the_gate", gate=str(tmp_path / "gate"))
        change = TaskNotificationParams.model_validate(created.model_dump(by_alias=True, exclude={"result_type"}))
        with anyio.fail_after(15):
            ids = [created.task_id]
            async with tasks.listen(client, ids) as unread, tasks.listen(client, ids) as changes:
                for _ in range(1_000):  # more than a server sends in a burst, for the SDK would drop some
                    await told.handler(change)
                (tmp_path / "gate").touch()
                for heard in (changes, unread):
                    *_, last = [task async for task in _until_the_end(heard)]
                    assert text(last.result) == "passed the green door"


async def test_who_did_not_declare_the_extension_cannot_listen_to_tasks(server: MCPServer[Any]) -> None:
    async with Client(server) as client, refusal() as errors:
        with anyio.fail_after(5):
            await client.session.send_request(_request(taskIds=["any"]), Result)
    assert errors[0].code == MISSING_REQUIRED_CLIENT_CAPABILITY


async def test_a_refusal_is_the_same_with_tasks_among_what_is_listened_to(tmp_path: Path) -> None:
    async with following(build_server(Settings.read(data_dir=tmp_path))) as client:
        created = await create(client, "submit_bom", request=ROOF, delay_seconds=600)
        wanted = {"taskIds": [created.task_id], "resourceSubscriptions": [f"task://{n}" for n in range(1_001)]}
        async with refusal() as errors:
            with anyio.fail_after(5):
                await client.session.send_request(_request(**wanted), Result)
    assert (errors[0].code, "at most 1000 resources" in errors[0].message) == (INVALID_PARAMS, True)


async def test_other_subscriptions_are_served_as_without_tasks(client: Client) -> None:
    with anyio.fail_after(5):
        async with client.listen(tools_list_changed=True) as subscription:
            assert subscription.honored.tools_list_changed
            assert "taskIds" not in subscription.honored.model_dump()
