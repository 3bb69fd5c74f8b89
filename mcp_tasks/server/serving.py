"""The HTTP server around the application: where it listens, and how it ends."""

import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import anyio
import uvicorn

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.server.guard import is_loopback
from mcp_tasks.server.http import HttpApp
from mcp_tasks.settings import Settings

_BACKLOG = 2048
_MOST_CONNECTIONS = 1_000  # a process may often have 1,024 files open; beyond it requests get a 503


def bound(settings: Settings) -> list[socket.socket]:
    """The sockets of `host` and `port`; port 0 takes a free one.

    Raises `InvalidRequest` when that cannot be, or when others than this machine reach it and nobody allowed that.
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InvalidRequest(f"there is no host {host!r} here", field="host", received=host) from error
    addresses = list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))
    if not settings.allow_unauthenticated and not all(is_loopback(address) for _, address in addresses):
        raise InvalidRequest(
            f"whoever reaches {host} could submit and read tasks, for this server has no authentication; "
            "serve on 127.0.0.1, or say --allow-unauthenticated",
            field="host",
            received=host,
            example="127.0.0.1",
        )
    sockets: list[socket.socket] = []
    for family, address in addresses:
        sockets.append(_listening(family, address, sockets[0].getsockname()[1] if sockets else port))
    return sockets


def _listening(family: int, address: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((address, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InvalidRequest(
            f"{address} port {port} cannot be served: {error.strerror}; name another --port, or 0 for a free one",
            field="port",
            received=port,
        ) from error
    # Its connections inherit it. asyncio sets it only on sockets that it made itself, and without it the second
    # piece of an answer waits 40 ms for the client's delayed acknowledgement of the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def serve_app(
    app: HttpApp, sockets: Sequence[socket.socket], ready: Callable[[str], object], told: anyio.Event
) -> None:
    """Serve until the event is set; `ready` gets the address, with its scheme, when requests are answered."""
    host, port = sockets[0].getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    # Our log, our signals; and no proxy is believed.
    config = uvicorn.Config(
        app,
        log_config=None,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
    )
    server = _Server(config, lambda: ready(address))

    async def end_when_told() -> None:
        await told.wait()
        server.should_exit = True  # the application ends its streams itself

    async with anyio.create_task_group() as group:
        group.start_soon(end_when_told)
        await server.serve(list(sockets))
        group.cancel_scope.cancel()


class _Server(uvicorn.Server):
    """Says when it has begun, and leaves the signals to the process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
