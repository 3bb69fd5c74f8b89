"""No change is missed: not right after the subscription, not when its carrier leaves, not while the file fails."""

from pathlib import Path

import pytest
from mcp import Client
from mcp.shared.subscriptions import ResourceUpdated

from mcp_tasks.app import build_server
from mcp_tasks.settings import Settings
from tests.disturbed_file import opened_by_another, unreadable, write
from tests.server.hearing import LEGACY, MODERN, Ear, subscribe, until_heard
from tests.server.serving import ROOF, ask, connected, in_this_process, opened

pytestmark = pytest.mark.anyio


async def _waiting(client: Client) -> tuple[str, str]:
    """A task that waits for its time: its id and its address."""
    task_id = (await ask(client, "submit_bom", request=ROOF, delay_seconds=600))["task_id"]
    return task_id, f"task://{task_id}"


async def test_a_change_right_after_the_acknowledgement_is_heard(folder: Path) -> None:
    async with in_this_process(folder, {"mode": MODERN}) as client:
        task_id, task = await _waiting(client)
        with opened_by_another(folder / "tasks.db") as file:
            file.execute("PRAGMA synchronous = OFF")
            file.execute("BEGIN IMMEDIATE")
            file.execute("UPDATE tasks SET priority = 4 WHERE id = ?", (task_id,))
            async with client.listen(resource_subscriptions=[*(f"task://{n}" for n in range(999)), task]) as stream:
                file.execute("COMMIT")  # before anything else can go on in this loop
                await until_heard(stream, ResourceUpdated(task))


async def test_a_change_while_a_subscription_moves_to_another_connection_is_heard(folder: Path, ear: Ear) -> None:
    server = build_server(Settings.read(data_dir=folder))
    async with Client(server, **ear.options) as stays, opened(folder) as queue:
        async with Client(server, mode=LEGACY) as leaves:
            task_id, task = await _waiting(leaves)
            await subscribe(stays, task)  # the newest connection carries it
            await queue.cancel(task_id)  # as another process does: the server hears of it within 50 ms

        assert await ear.until(task)


async def test_a_task_that_cannot_be_shown_ends_only_its_own_subscription(folder: Path, ear: Ear) -> None:
    async with connected(folder, ear.options) as client:
        (broken_id, broken), (task_id, task) = await _waiting(client), await _waiting(client)
        for uri in (broken, task):
            await subscribe(client, uri)
        write(folder / "tasks.db", "UPDATE tasks SET progress = 'not JSON' WHERE id = ?", broken_id)
        await ask(client, "task_cancel", task_id=task_id)

        assert await ear.until(task) == {task}
        write(folder / "tasks.db", "UPDATE tasks SET progress = NULL WHERE id = ?", broken_id)
        await subscribe(client, broken)
        await ask(client, "task_cancel", task_id=broken_id)
        assert await ear.until(broken) == {broken}


async def test_a_session_hears_afterwards_of_what_changed_while_the_file_could_not_be_read(
    folder: Path, ear: Ear
) -> None:
    async with in_this_process(folder, ear.options) as client:
        task_id, task = await _waiting(client)
        await subscribe(client, task)
        async with unreadable(folder / "tasks.db"):
            write(folder / "tasks.db", "UPDATE elsewhere SET priority = 4 WHERE id = ?", task_id)

        assert await ear.until(task)


async def test_a_stream_hears_afterwards_of_what_changed_while_the_file_could_not_be_read(folder: Path) -> None:
    async with in_this_process(folder, {"mode": MODERN}) as client:
        task_id, task = await _waiting(client)
        async with client.listen(resource_subscriptions=[task]) as stream:
            async with unreadable(folder / "tasks.db"):
                write(folder / "tasks.db", "UPDATE elsewhere SET priority = 4 WHERE id = ?", task_id)
            await until_heard(stream, ResourceUpdated(task))
