"""Whoever listens to tasks hears of each change, and only of its own tasks."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    Result,
    SubscriptionFilter,
    SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
)

from mcp_tasks.client import TasksClientExtension
from mcp_tasks.wire import DetailedTask
from tests.protocol.talking import accept, create, refusal, text, update

pytestmark = pytest.mark.anyio


def _request(*task_ids: str) -> SubscriptionsListenRequest:
    wanted = SubscriptionFilter.model_validate({"taskIds": task_ids})
    return SubscriptionsListenRequest(params=SubscriptionsListenRequestParams(notifications=wanted))


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


async def test_who_did_not_declare_the_extension_cannot_listen_to_tasks(server: MCPServer[Any]) -> None:
    async with Client(server) as client, refusal() as errors:
        with anyio.fail_after(5):
            await client.session.send_request(_request("any"), Result)
    assert errors[0].code == MISSING_REQUIRED_CLIENT_CAPABILITY


async def test_other_subscriptions_are_served_as_without_tasks(client: Client) -> None:
    with anyio.fail_after(5):
        async with client.listen(tools_list_changed=True) as subscription:
            assert subscription.honored.tools_list_changed
            assert "taskIds" not in subscription.honored.model_dump()
