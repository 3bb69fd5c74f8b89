"""Who subscribed to a task or a file hears of its changes, without asking: in both eras."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from mcp import Client, MCPError
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated

from mcp_tasks.app import build_server
from mcp_tasks.settings import Settings
from tests.server.hearing import LEGACY, MODERN, Ear, subscribe, unsubscribe, until_heard
from tests.server.http_server import over_http, over_sse
from tests.server.serving import ROOF, ask, connected, in_this_process, opened
from tests.server.slow_server import ask_for_a_colour

pytestmark = pytest.mark.anyio

ANSWERS = {"span_m": 4, "structure": "metal"}
everywhere = pytest.mark.parametrize("connect", [in_this_process, connected, over_http, over_sse])
Connect = Callable[..., AbstractAsyncContextManager[Client]]


async def _asking(client: Client) -> str:
    """A quotation that waits for answers."""
    view = await ask(client, "submit_quotation", request=ROOF | {"ask_missing": True}, client={"name": "Ana"})
    return view["task_id"]


@everywhere
async def test_a_stream_hears_of_the_task_its_file_and_the_list(folder: Path, connect: Connect) -> None:
    async with connect(folder, {"mode": MODERN}) as client:
        task_id = await _asking(client)
        task, file = f"task://{task_id}", f"artifact://{task_id}/quotation.pdf"
        async with client.listen(resource_subscriptions=[task, file], resources_list_changed=True) as stream:
            assert stream.honored.resource_subscriptions == [task, file]
            await ask(client, "task_answer", task_id=task_id, answers=ANSWERS)
            heard = await until_heard(stream, ResourceUpdated(task), ResourceUpdated(file), ResourcesListChanged())

    assert set(heard) == {ResourceUpdated(task), ResourceUpdated(file), ResourcesListChanged()}


async def test_a_stream_hears_of_what_another_process_does_and_of_a_second_life(folder: Path) -> None:
    async with in_this_process(folder, {"mode": MODERN}) as client, opened(folder) as queue:
        task_id = (await ask(client, "submit_bom", request=ROOF, delay_seconds=600))["task_id"]
        task = f"task://{task_id}"
        async with client.listen(resource_subscriptions=[task]) as stream:
            await queue.cancel(task_id)
            await until_heard(stream, ResourceUpdated(task))
            assert (await ask(client, "task_status", task_id=task_id))["status"] == "cancelled"
            await ask(client, "task_retry", task_id=task_id)
            await until_heard(stream, ResourceUpdated(task))


async def test_what_is_not_ones_own_or_not_there_is_never_heard_of(folder: Path) -> None:
    async with in_this_process(folder, {"mode": MODERN}) as client, opened(folder) as queue:
        foreign = await queue.enqueue(ask_for_a_colour, owner="somebody else", delay=600)
        mine = f"task://{await _asking(client)}"
        others = [f"task://{foreign.id}", "task://0", "catalog://products", "nonsense", "task://.."]
        async with client.listen(resource_subscriptions=[*others, mine]) as stream:
            await queue.cancel(foreign.id)
            await queue.cancel(mine.removeprefix("task://"))
            heard = await until_heard(stream, ResourceUpdated(mine))

    assert set(heard) == {ResourceUpdated(mine)}


async def test_more_resources_than_anybody_needs_are_refused(folder: Path) -> None:
    async with in_this_process(folder, {"mode": MODERN}) as client:
        with pytest.raises(MCPError, match="at most 1000 resources"):
            async with client.listen(resource_subscriptions=[f"task://{n}" for n in range(1_001)]):
                pass


# --- sessions of the handshake era --------------------------------------------------------------------------------


@everywhere
async def test_a_session_hears_of_what_it_subscribed_to(folder: Path, connect: Connect, ear: Ear) -> None:
    async with connect(folder, ear.options) as client:
        task_id = await _asking(client)
        task, file = f"task://{task_id}", f"artifact://{task_id}/preview.png"
        for uri in (task, file, task):
            await subscribe(client, uri)
        await ask(client, "task_answer", task_id=task_id, answers=ANSWERS)

        assert await ear.until(task, file) == {task, file}


async def test_a_session_hears_no_more_of_what_itunsubscribed(folder: Path, ear: Ear) -> None:
    async with in_this_process(folder, ear.options) as client:
        first, second = f"task://{await _asking(client)}", f"task://{await _asking(client)}"
        for uri in (first, second):
            await subscribe(client, uri)
        for uri in (first, "task://0"):
            await unsubscribe(client, uri)
        for uri in (first, second):
            await ask(client, "task_cancel", task_id=uri.removeprefix("task://"))

        assert await ear.until(second) == {second}


async def test_a_session_goes_on_hearing_when_another_has_left(folder: Path, ear: Ear) -> None:
    server = build_server(Settings.read(data_dir=folder))
    async with Client(server, **ear.options) as stays:
        async with Client(server, mode=LEGACY) as leaves:
            task_id = await _asking(leaves)
            await subscribe(stays, f"task://{task_id}")  # the newest connection carries the children
            await subscribe(leaves, f"task://{task_id}")
        await ask(stays, "task_cancel", task_id=task_id)

        assert await ear.until(f"task://{task_id}")


@pytest.mark.parametrize("uri", ["task://0", "task://../x", "nonsense", "artifact://0/x"])
async def test_nobody_subscribes_to_what_cannot_be(folder: Path, uri: str) -> None:
    async with in_this_process(folder, {"mode": LEGACY}) as client:
        with pytest.raises(MCPError, match="there is no") as refused:
            await subscribe(client, uri)

    assert refused.value.error.code == -32002
