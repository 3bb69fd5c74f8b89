"""Listening to tasks has a bound, and a file that cannot be read for a while only makes the news late."""

from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp_types import INVALID_PARAMS, Result, SubscriptionsListenRequest, SubscriptionsListenRequestParams
from mcp_types import SubscriptionFilter as Filter

from mcp_tasks.client import TasksClientExtension
from tests.disturbed_file import unreadable, write
from tests.protocol.talking import create, reached, refusal, served

pytestmark = pytest.mark.anyio

_CANCEL = "UPDATE elsewhere SET status = 'cancelled', finished_at = created_at, questions = NULL WHERE id = ?"


async def test_more_tasks_than_anybody_needs_are_refused(client: Client) -> None:
    wanted = Filter.model_validate({"taskIds": [str(n) for n in range(1_001)]})
    request = SubscriptionsListenRequest(params=SubscriptionsListenRequestParams(notifications=wanted))
    async with refusal() as errors:
        with anyio.fail_after(10):
            await client.session.send_request(request, Result)

    assert (errors[0].code, errors[0].message) == (INVALID_PARAMS, "at most 1000 tasks can be subscribed to at once")


async def test_a_listener_hears_the_end_that_came_while_the_file_could_not_be_read(tmp_path: Path) -> None:
    tasks = TasksClientExtension()
    async with served(tmp_path) as server, Client(server, extensions=[tasks]) as client:
        created = await create(client, "confirm_delete", filename="x")
        await reached(client, created.task_id, "input_required")
        heard: list[str] = []
        with anyio.fail_after(20):
            async with tasks.listen(client, [created.task_id]) as changes:
                async for task in changes:
                    heard.append(task.status)
                    if task.status == "cancelled":
                        break
                    async with unreadable(tmp_path / "tasks.db"):
                        write(tmp_path / "tasks.db", _CANCEL, task.task_id)

    assert heard == ["input_required", "cancelled"]
