"""Who may ask over HTTP, how much, and how slowly: the check before every route.

The server is for programs of this machine. A web page that somebody opens here must not reach it (by a request of
its own, or by giving this machine's address to its own name: DNS rebinding), nor a neighbour on the network.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

import anyio
from mcp_types import INVALID_REQUEST
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/?#@\[\]]+)(?::\d+)?")
_ORIGIN = re.compile(r"https?://(.*)")
_OTHER_SITES = {"cross-site", "same-site"}  # the same site may be another port of this machine
_BODY_SECONDS = 30.0


def refusal(status: int, code: str, message: str, **facts: Any) -> JSONResponse:
    """A refused request: a JSON-RPC error, which MCP clients show, with our code and facts in its `data`."""
    error = {"code": INVALID_REQUEST, "message": message, "data": {"code": code, **facts}}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, status_code=status)


@lru_cache
def is_loopback(address: str) -> bool:
    """Whether only this machine reaches that IP address."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return (mapped or ip).is_loopback


class Guard:
    """Pure ASGI middleware around a whole application.

    `allowed_hosts` are the names, with or without a port, that the server may be called by, besides this machine's
    own. `local_only` refuses what arrives at another address of this machine. Bodies have at most `max_body_bytes`,
    and come within `body_seconds`. The SDK has the same bound for bodies; here it is on every route of both
    transports, and the refusal says in our words what the bound is.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Iterable[str],
        local_only: bool,
        max_body_bytes: int,
        body_seconds: float = _BODY_SECONDS,
    ) -> None:
        self._app = app
        self._allowed = {*LOOPBACK_NAMES, *(host.lower() for host in allowed_hosts)}
        self._local_only = local_only
        self._max_body_bytes = max_body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a refusal, or let the application answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks WebSocket
            await send({"type": "websocket.close"})
            return
        headers = Headers(scope=scope)
        refused = self._refused_caller(scope, headers) or self._refused_length(headers)
        if refused is None and _has_body(headers):
            match await self._read(receive):
                case None:
                    return
                case JSONResponse() as why:
                    refused = why
                case body:
                    receive = _replayed(body, receive)
        await (refused or self._app)(scope, receive, send)

    def _refused_caller(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        server = scope.get("server")
        if self._local_only and server and server[1] is not None and not is_loopback(server[0]):
            return refusal(
                403,
                "not_local",
                "this server has no authentication and is for this machine only; --allow-unauthenticated opens it",
            )
        hosts = headers.getlist("host")
        for host in hosts or [""]:
            if not self._is_allowed(host):
                return refusal(
                    421,
                    "host_not_allowed",
                    f"this server is not called {host[:200]!r}; add the name to MCP_TASKS_ALLOWED_HOSTS if it is yours",
                    received=host[:200],
                )
        origins = headers.getlist("origin")
        for origin in origins:
            found = _ORIGIN.fullmatch(origin)
            if found is None or not self._is_allowed(found[1]):
                return refusal(
                    403,
                    "origin_not_allowed",
                    f"pages of {origin[:200]!r} may not call this server; add the host to MCP_TASKS_ALLOWED_HOSTS",
                    received=origin[:200],
                )
        site = headers.get("sec-fetch-site", "")
        if not origins and site in _OTHER_SITES:  # a page's pictures and frames name no origin
            return refusal(403, "origin_not_allowed", "pages of other sites may not call this server", received=site)
        return None

    def _is_allowed(self, authority: str) -> bool:
        found = _AUTHORITY.fullmatch(authority.lower())
        return found is not None and (found[0] in self._allowed or found[1] in self._allowed)

    def _refused_length(self, headers: Headers) -> JSONResponse | None:
        """A body that says how long it is cannot be longer: the server sees to that."""
        length = headers.get("content-length", "")
        return self._too_large() if length.isdecimal() and int(length) > self._max_body_bytes else None

    async def _read(self, receive: Receive) -> bytearray | JSONResponse | None:
        """The whole body, or why it is refused; None when the client has left.

        What comes beyond the bound the HTTP server drops. That connection stays, for a client that is still sending
        would not see our answer if we closed it.
        """
        body = bytearray()
        with anyio.move_on_after(self._body_seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > self._max_body_bytes:
                    return self._too_large()
                if not message.get("more_body", False):
                    return body
        return self._too_slow()

    def _too_large(self) -> JSONResponse:
        limit = self._max_body_bytes
        return refusal(413, "body_too_large", f"a request may have at most {limit} bytes", max_bytes=limit)

    def _too_slow(self) -> JSONResponse:
        seconds = self._body_seconds
        said = refusal(408, "body_too_slow", f"a request must be here within {seconds:g} s", seconds=seconds)
        said.headers["connection"] = "close"
        return said


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _replayed(body: bytearray, receive: Receive) -> Receive:
    """The body again, whole, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
