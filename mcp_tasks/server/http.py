"""The one ASGI application: MCP over Streamable HTTP and SSE, for clients of every age, and the process's health."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_address

import anyio
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from mcp_tasks.process import overheard
from mcp_tasks.runtime import Runtime
from mcp_tasks.server.face import TaskServer
from mcp_tasks.server.guard import Guard
from mcp_tasks.server.health import health_routes
from mcp_tasks.server.open_requests import OpenRequests
from mcp_tasks.settings import Settings

MCP_PATH = "/mcp"
SSE_PATH = "/sse"

# For the answers about tasks that have just ended. It is a part of what a process has beyond the grace.
_ANSWER_SECONDS = 0.3


class HttpApp:
    """Streamable HTTP at /mcp, SSE at /sse and /messages/, and /healthz and /readyz, over one runtime.

    Tasks run from the start of its lifespan to the end. A signal that tells the server to end makes it end its
    streams, which the server waits for.
    """

    def __init__(self, server: TaskServer, runtime: Runtime, settings: Settings) -> None:
        self.runtime = runtime
        self._server = server
        unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the guard does it, for all
        limit = settings.max_body_bytes
        http = server.streamable_http_app(
            streamable_http_path=MCP_PATH, transport_security=unchecked, max_request_body_size=limit
        )
        sse = server.sse_app(sse_path=SSE_PATH, transport_security=unchecked, max_request_body_size=limit)
        routes = [*health_routes(runtime), *http.routes, *sse.routes]
        guard = Guard(
            Starlette(routes=routes, lifespan=self._lifespan),
            allowed_hosts=[*settings.allowed_hosts, *_own_names(settings.host)],
            local_only=not settings.allow_unauthenticated,
            max_body_bytes=limit,
        )
        self._requests = OpenRequests(guard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._requests(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncGenerator[None]:
        told = anyio.Event()
        async with self._server.session_manager.run(), anyio.create_task_group() as group:
            with overheard(told):
                group.start_soon(self._end_when, told)
                yield
            group.cancel_scope.cancel()

    async def _end_when(self, told: anyio.Event) -> None:
        """Take no more requests; let running tasks, and who waits for them, have the grace; then end every stream."""
        await told.wait()
        self._requests.refuse()
        await self.runtime.stop_work()
        self._server.end_listening()
        await self._requests.end(_ANSWER_SECONDS)


def _own_names(host: str) -> list[str]:
    """What callers call a server that listens on that host. Nobody is called 0.0.0.0."""
    try:
        address = ip_address(host)
    except ValueError:
        return [host]
    return [] if address.is_unspecified else [f"[{host}]" if address.version == 6 else host]
