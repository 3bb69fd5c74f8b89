"""Over HTTP only programs of this machine are served, and nobody is read without end."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvicorn
from anyio.abc import SocketStream
from mcp import Client, MCPError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.server.guard import Guard
from mcp_tasks.server.serving import bound
from mcp_tasks.settings import Settings
from tests.cli.command import mcp_tasks
from tests.server.http_server import SERVE, HttpServer, initialize, serving

pytestmark = pytest.mark.anyio

ROUTES = ["/mcp", "/sse", "/messages/", "/healthz", "/readyz", "/nowhere"]
MAX_BODY_BYTES = 10_000
MANY_FILES = 3_000


@pytest.fixture(scope="module")
async def server(shared_folder: Path, anyio_backend: str) -> AsyncIterator[HttpServer]:
    """The server of all tests here, with one more name and a small bound."""
    async with serving(shared_folder, allowed_hosts='["tasks.example"]', max_body_bytes=MAX_BODY_BYTES) as server:
        yield server


async def _error(server: HttpServer, method: str, path: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """The status of a refused request, and the data of its error."""
    async with server.web() as web:
        answer = await web.request(method, path, **request)
    body = answer.json()
    assert (body["jsonrpc"], body["id"]) == ("2.0", None)
    assert body["error"]["message"]
    return answer.status_code, body["error"]["data"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:80",
        "localhost@evil.example",
        "",
        "127.0.0.1.evil.example",
    ],
)
async def test_a_foreign_host_is_refused_on_every_route(server: HttpServer, path: str, host: str) -> None:
    status, error = await _error(server, "GET", path, headers={"host": host})

    assert (status, error) == (421, {"code": "host_not_allowed", "received": host})


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "file://", "http://localhost@evil.example"],
)
async def test_a_page_of_a_foreign_origin_is_refused_on_every_route(server: HttpServer, path: str, origin: str) -> None:
    status, error = await _error(server, "POST", path, headers={"origin": origin}, json=initialize())

    assert (status, error) == (403, {"code": "origin_not_allowed", "received": origin})


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_a_page_of_another_site_embeds_is_refused_on_every_route(
    server: HttpServer, path: str, site: str
) -> None:
    status, error = await _error(server, "GET", path, headers={"sec-fetch-site": site, "sec-fetch-mode": "no-cors"})

    assert (status, error) == (403, {"code": "origin_not_allowed", "received": site})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site", "origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site", "origin": "https://tasks.example"},
    ],
)
async def test_what_somebody_types_and_pages_of_allowed_origins_are_served(
    server: HttpServer, headers: dict[str, str]
) -> None:
    async with server.web() as web:
        answer = await web.get("/readyz", headers=headers)

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1234", "127.0.0.1", "[::1]:80", "tasks.example", "tasks.example:443"]
)
async def test_this_machines_names_and_the_settings_names_are_served(server: HttpServer, host: str) -> None:
    async with server.web() as web:
        answer = await web.get("/readyz", headers={"host": host, "origin": f"http://{host}"})

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("path", ROUTES)
async def test_a_body_beyond_the_bound_is_refused_on_every_route(server: HttpServer, path: str) -> None:
    status, error = await _error(server, "POST", path, content=b"x" * (MAX_BODY_BYTES + 1))

    assert (status, error) == (413, {"code": "body_too_large", "max_bytes": MAX_BODY_BYTES})


@pytest.mark.parametrize("path", ROUTES)
async def test_a_body_without_end_is_refused_as_soon_as_it_is_beyond_the_bound(server: HttpServer, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    async with await anyio.connect_tcp("127.0.0.1", server.port) as connection:
        await connection.send(head.encode() + piece * (MAX_BODY_BYTES // 1000))
        await connection.send(piece)
        with anyio.fail_after(5):
            answer = await connection.receive()

    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_in_pieces_within_the_bound_is_taken(server: HttpServer) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"jsonrpc": "2.0", "id": 1, '
        yield b'"method": "ping"}'

    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    async with server.web() as web:
        answer = await web.post("/mcp", content=pieces(), headers=headers | {"mcp-session-id": "unknown"})

    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Session not found")


@pytest.mark.parametrize("body", ["Content-Length: 9\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"])
async def test_a_body_that_does_not_come_to_its_end_is_not_waited_for(body: str) -> None:
    guard = Guard(
        PlainTextResponse("served"), allowed_hosts=[], local_only=True, max_body_bytes=MAX_BODY_BYTES, body_seconds=0.2
    )
    with anyio.fail_after(10):
        async with _in_this_process(guard) as port, await anyio.connect_tcp("127.0.0.1", port) as connection:
            await connection.send(f"POST / HTTP/1.1\r\nHost: localhost\r\n{body}".encode())
            answer = await _until_closed(connection)

    assert answer.startswith("HTTP/1.1 408 ")
    assert '"code":"body_too_slow","seconds":0.2' in answer


@asynccontextmanager
async def _in_this_process(app: ASGIApp) -> AsyncGenerator[int]:
    """The port on which that application is served."""
    (listening,) = bound(Settings.read(port=0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    async with anyio.create_task_group() as group:
        group.start_soon(server.serve, [listening])
        yield listening.getsockname()[1]
        server.should_exit = True


async def _until_closed(connection: SocketStream) -> str:
    said = b""
    try:
        while True:
            said += await connection.receive()
    except anyio.EndOfStream:
        return said.decode()


async def test_more_connections_than_a_machine_needs_are_refused_and_then_served_again(folder: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MANY_FILES:
        pytest.skip("this process may not open so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY_FILES), hard))
    async with serving(folder) as server, AsyncExitStack() as connections:
        for _ in range(1_000):
            await connections.enter_async_context(await anyio.connect_tcp("127.0.0.1", server.port))
        async with server.web() as web:
            refused = await web.get("/readyz")
            await connections.aclose()
            with anyio.fail_after(10):
                while (await web.get("/readyz")).status_code != 200:
                    pass

    assert refused.status_code == 503


async def test_a_client_of_the_sdk_shows_why_it_was_refused(server: HttpServer) -> None:
    async with Client(f"{server.url}/mcp") as client:
        with pytest.raises(MCPError, match="a request may have at most 10000 bytes"):
            await client.call_tool("task_status", {"task_id": "x" * MAX_BODY_BYTES})


@pytest.mark.parametrize(
    ("kind", "server", "answer"),
    [
        ("http", ("192.0.2.1", 80), {"type": "http.response.start", "status": 403}),
        ("http", ("2001:db8::1", 80), {"type": "http.response.start", "status": 403}),
        ("http", ("127.0.0.2", 80), {"type": "http.response.start", "status": 200}),
        ("http", ("::ffff:127.0.0.1", 80), {"type": "http.response.start", "status": 200}),
        ("http", ("/run/mcp-tasks.sock", None), {"type": "http.response.start", "status": 200}),
        ("websocket", ("127.0.0.1", 80), {"type": "websocket.close"}),
    ],
)
async def test_whatever_server_it_runs_in_only_this_machine_is_answered(
    kind: str, server: tuple[str, int | None], answer: dict[str, Any]
) -> None:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    guard = Guard(PlainTextResponse("served"), allowed_hosts=[], local_only=True, max_body_bytes=1)
    await guard({"type": kind, "server": server, "headers": [(b"host", b"localhost")]}, receive, send)

    assert {**said[0], **answer} == said[0]


@pytest.mark.parametrize("name", ["http://tasks.example", "*", "tasks.example/mcp", "a b", ""])
def test_a_name_that_no_server_can_have_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Settings.read(allowed_hosts=[name])

    assert refused.value.field == "allowed_hosts.0"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_reach_is_refused_unless_that_is_allowed(tmp_path: Path, host: str) -> None:
    said = mcp_tasks("serve", "--transport", "http", "--host", host, "--port", "0", "--data-dir", tmp_path)

    assert (said.code, said.out) == (2, "")
    assert f"whoever reaches {host} could submit and read tasks" in said.err
    assert "--allow-unauthenticated" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "no.such.host.invalid"], "there is no host 'no.such.host.invalid' here"),
        (["--port", "65536"], "port: Input should be less than or equal to 65535"),
        (["--host", ""], "host: String should have at least 1 character"),
    ],
)
def test_an_address_that_cannot_be_is_named(tmp_path: Path, arguments: list[str], words: str) -> None:
    said = mcp_tasks("serve", "--transport", "sse", *arguments, "--data-dir", tmp_path)

    assert said.code == 2
    assert words in said.err
    assert len(said.err.splitlines()) == 1


async def test_a_port_that_is_taken_is_named(server: HttpServer, tmp_path: Path) -> None:
    said = mcp_tasks("serve", "--transport", "http", "--port", str(server.port), "--data-dir", tmp_path)

    assert said.code == 2
    assert f"127.0.0.1 port {server.port} cannot be served: Address already in use" in said.err


async def test_with_consent_every_address_is_served_but_foreign_names_are_not(folder: Path) -> None:
    async with serving(folder, command=[*SERVE, "--host", "0.0.0.0", "--allow-unauthenticated"]) as server:
        async with server.web() as web:
            answer = await web.get(f"http://127.0.0.1:{server.port}/readyz")
        status, error = await _error(
            server, "GET", f"http://127.0.0.1:{server.port}/readyz", headers={"host": "evil.example"}
        )

    assert answer.json() == {"status": "ready"}
    assert (status, error["code"]) == (421, "host_not_allowed")
