"""Who waits for a task and wants to know, hears how far it is: in both eras, on every transport."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import anyio
import pytest
from mcp import Client

from tests.server.http_server import over_http, over_sse
from tests.server.serving import ERAS, ROOF, ask, connected, opened
from tests.server.slow_server import step_by_step

pytestmark = pytest.mark.anyio

TRANSPORTS: dict[str, Callable[..., AbstractAsyncContextManager[Client]]] = {
    "stdio": connected,
    "http": over_http,
    "sse": over_sse,
}
Heard = list[tuple[float, float | None, str | None]]


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    """What the client speaks."""
    return request.param


@pytest.fixture(params=TRANSPORTS)
async def client(folder: Path, era: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client of each era on each transport between processes."""
    async with TRANSPORTS[request.param](folder, {"mode": era}) as client:
        yield client


async def test_each_step_of_the_task_is_heard_and_the_numbers_only_grow(
    client: Client, folder: Path, tmp_path: Path
) -> None:
    heard: Heard = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))
        (tmp_path / str(int(progress))).touch()  # the task goes on because it was heard

    async with opened(folder) as queue:
        task = await queue.enqueue(step_by_step, str(tmp_path), 3)
        with anyio.fail_after(20):
            answer = await client.call_tool(
                "task_status", {"task_id": task.id, "wait_seconds": 30}, progress_callback=hear
            )

    assert heard == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]
    assert answer.structured_content is not None
    assert (answer.structured_content["status"], answer.structured_content["result"]) == ("completed", 3)


async def test_a_submit_call_that_waits_tells_it_too(client: Client) -> None:
    heard: Heard = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    call = {"request": ROOF, "client": {"name": "Ana"}, "wait_seconds": 30}
    answer = await client.call_tool("submit_quotation", call, progress_callback=hear)

    assert not answer.is_error
    numbers = [progress for progress, _, _ in heard]
    assert numbers
    assert numbers == sorted(set(numbers))
    assert {total for _, total, _ in heard} == {2}
    assert all(message for _, _, message in heard)


async def test_who_does_not_ask_for_progress_gets_the_same_answer(client: Client) -> None:
    assert (await ask(client, "submit_bom", request=ROOF))["status"] == "completed"
