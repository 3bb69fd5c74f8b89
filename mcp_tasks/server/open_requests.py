"""The requests that are being answered: streams may stay open for ever, and a server that ends must end them."""

import anyio
from anyio import CancelScope
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_tasks.server.guard import refusal


class OpenRequests:
    """Pure ASGI middleware around a whole application; `refuse` takes no more requests, `end` ends the open ones.

    A stream that is ended gets its proper end; a request without an answer is told that the server is ending.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: set[CancelScope] = set()
        self._refusing = False
        self._all_answered = anyio.Event()

    def refuse(self) -> None:
        """From now on answer new requests with 503."""
        self._refusing = True
        self._note_the_last()

    async def end(self, seconds: float) -> None:
        """End all that are open, after so many seconds in which they may end by themselves."""
        self.refuse()
        with anyio.move_on_after(seconds):
            await self._all_answered.wait()
        for request in self._open:
            request.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless and until we end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._refusing:
            await _ending(scope, receive, send)
            return
        response = _Response(send)
        with CancelScope() as request:
            self._open.add(request)
            try:
                await self._app(scope, receive, response.send)
            finally:
                self._open.discard(request)
                self._note_the_last()
        if request.cancelled_caught:
            if not response.started:
                await _ending(scope, receive, send)
            elif not response.complete:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _note_the_last(self) -> None:
        if self._refusing and not self._open:
            self._all_answered.set()


class _Response:
    """How far a response is."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.complete = False

    async def send(self, message: Message) -> None:
        self.started = True
        self.complete = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)


_ending = refusal(503, "server_ending", "the server is ending; try again soon, with the same idempotency_key")
