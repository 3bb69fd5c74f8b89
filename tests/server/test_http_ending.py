"""A server of HTTP ends soon and cleanly, whatever is open; told twice, it ends at once."""

import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from anyio.abc import SocketStream

from mcp_tasks import TaskQueue, TaskStatus
from tests.server.http_server import JSON_AND_EVENTS, HttpServer, initialize, serving
from tests.server.serving import opened, until
from tests.server.slow_server import wait_for_file

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")]

SECONDS_TO_END = 2

HEAD = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HALF_READ = {
    "half a body": HEAD + b"Content-Length: 100\r\n\r\n{",
    "half a body of unknown length": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    "half a message": HEAD.replace(b"/mcp", b"/messages/?session_id=0") + b"Content-Length: 100\r\n\r\n{",
    "half a head": HEAD,
    "nothing": b"",
}


async def _running_tasks(queue: TaskQueue, tmp_path: Path, n: int) -> list[str]:
    gate, diary = str(tmp_path / "gate"), str(tmp_path / "diary")
    ids = [(await queue.enqueue(wait_for_file, gate, diary)).id for _ in range(n)]
    with anyio.fail_after(10):
        await until(queue, ids, lambda t: t.status is TaskStatus.RUNNING)
    return ids


@asynccontextmanager
async def _open_streams(server: HttpServer, task_id: str) -> AsyncGenerator[list[httpx2.Response]]:
    """What older clients hold open: the two streams of messages to them, and a call that waits for a task."""
    call = {"name": "task_status", "arguments": {"task_id": task_id, "wait_seconds": 30}}
    async with server.web() as web, AsyncExitStack() as streams:
        begun = await web.post("/mcp", json=initialize(), headers=JSON_AND_EVENTS)
        session = {"mcp-session-id": begun.headers["mcp-session-id"], **JSON_AND_EVENTS}
        await web.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=session)
        waiting = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call}
        yield [
            await streams.enter_async_context(web.stream("GET", "/mcp", headers=session)),
            await streams.enter_async_context(web.stream("GET", "/sse")),
            await streams.enter_async_context(web.stream("POST", "/mcp", headers=session, json=waiting)),
        ]


async def _half_read(server: HttpServer, streams: AsyncExitStack) -> dict[str, SocketStream]:
    connections: dict[str, SocketStream] = {}
    for name, head in HALF_READ.items():
        connections[name] = await streams.enter_async_context(await anyio.connect_tcp("127.0.0.1", server.port))
        await connections[name].send(head)
    return connections


async def _to_the_end(connection: SocketStream) -> bytes:
    said = b""
    try:
        while True:
            said += await connection.receive()
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_told_to_end_ends_its_streams_gives_its_tasks_back_and_is_gone(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    async with opened(folder) as queue, serving(folder) as server, AsyncExitStack() as stack:
        ids = await _running_tasks(queue, tmp_path, 2)
        streams = await stack.enter_async_context(_open_streams(server, ids[0]))
        half = await _half_read(server, stack)
        async with server.client() as client, client.listen(resources_list_changed=True) as listening:
            server.process.send_signal(number)
            assert await server.ended(SECONDS_TO_END) == 0
            assert [event async for event in listening] == []  # its last answer came, else it would be lost

        for stream in streams:
            assert stream.status_code == 200
            await stream.aread()  # it has its proper end, else this would raise
        answers = {name: await _to_the_end(connection) for name, connection in half.items()}
        assert answers["half a body"].startswith(b"HTTP/1.1 503 ")
        assert b"server_ending" in answers["half a body of unknown length"]
        assert answers["half a head"] == answers["nothing"] == b""
        assert "Traceback" not in server.log, server.log
        for task in [await queue.get_task(id_) for id_ in ids]:
            assert (task.status, task.failures) == (TaskStatus.PENDING, 0)
        assert (await queue.stats()).workers == 0


async def test_who_waits_gets_the_result_of_a_task_that_ends_within_the_grace(folder: Path, tmp_path: Path) -> None:
    async with opened(folder) as queue, serving(folder, grace_seconds=20) as server, AsyncExitStack() as stack:
        (id_,) = await _running_tasks(queue, tmp_path, 1)
        *_, waiting = await stack.enter_async_context(_open_streams(server, id_))
        idle = await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", server.port))
        server.process.terminate()
        assert await _to_the_end(idle) == b""  # now it has begun to end
        (tmp_path / "gate").touch()

        assert '"status":"completed"' in (await waiting.aread()).decode()
        assert await server.ended(10) == 0


async def test_the_second_signal_ends_it_at_once(folder: Path, tmp_path: Path) -> None:
    async with opened(folder) as queue, serving(folder, grace_seconds=3000) as server:
        await _running_tasks(queue, tmp_path, 1)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGINT)

        assert await server.ended(SECONDS_TO_END) in {128 + signal.SIGTERM, 128 + signal.SIGINT}


async def test_another_asgi_server_ends_too_whatever_is_open(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "uvicorn", "--factory", "mcp_tasks.app:create_app", "--port", "0"]
    async with opened(folder) as queue, serving(folder, command=command) as server, AsyncExitStack() as stack:
        task = await queue.enqueue(wait_for_file, str(tmp_path / "gate"), "", delay=600)
        streams = await stack.enter_async_context(_open_streams(server, task.id))
        async with server.client() as client, client.listen(resources_list_changed=True) as listening:
            server.process.terminate()
            assert await server.ended(SECONDS_TO_END + 1) in {0, -signal.SIGTERM}  # uvicorn raises it again
            assert [event async for event in listening] == []
        for stream in streams:
            await stream.aread()
        assert "Traceback" not in server.log, server.log
