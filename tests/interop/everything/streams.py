"""What changes while a client listens: lists, subscriptions, log levels, and streams that close and go on."""

from collections.abc import Iterator
from typing import Any

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.tools import Tool
from mcp.server.streamable_http import EventCallback, EventId, EventMessage, EventStore, StreamId
from mcp_types import (
    EmptyResult,
    JSONRPCMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)

AnyContext = Context[Any, Any]


async def _tools_changed(ctx: AnyContext) -> str:
    await ctx.notify_tools_changed()
    return "said so"


async def _prompts_changed(ctx: AnyContext) -> str:
    await ctx.notify_prompts_changed()
    return "said so"


async def _reconnection(ctx: AnyContext) -> str:
    await ctx.close_sse_stream()
    await anyio.sleep(0.1)  # the client is away meanwhile
    return "answered after the stream was closed"


def stream_tools() -> Iterator[Tool]:
    """All of them."""
    for call, name, description in (
        (_tools_changed, "test_trigger_tool_change", "Says that the tools have changed"),
        (_prompts_changed, "test_trigger_prompt_change", "Says that the prompts have changed"),
        (_reconnection, "test_reconnection", "Closes its stream before it answers"),
    ):
        yield Tool.from_function(call, name=name, description=description, structured_output=False)


async def _acknowledged(ctx: ServerRequestContext[Any, Any], params: object) -> EmptyResult:
    return EmptyResult()


def add_older_requests(server: MCPServer[Any]) -> None:
    """The requests that only 2025-11-25 has; the SDK leaves them to the low-level server."""
    for method, params in (
        ("resources/subscribe", SubscribeRequestParams),
        ("resources/unsubscribe", UnsubscribeRequestParams),
        ("logging/setLevel", SetLevelRequestParams),
    ):
        server._lowlevel_server.add_request_handler(method, params, _acknowledged)  # pyright: ignore[reportPrivateUsage]


class EventsInMemory(EventStore):
    """Remembers what was sent, so that a client whose stream was closed gets the rest."""

    def __init__(self) -> None:
        self._events: list[tuple[StreamId, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: StreamId, message: JSONRPCMessage | None) -> EventId:
        """Its number."""
        self._events.append((stream_id, message))
        return str(len(self._events))

    async def replay_events_after(self, last_event_id: EventId, send_callback: EventCallback) -> StreamId | None:
        """Send what came on the same stream after that number."""
        last = int(last_event_id)
        if not 0 < last <= len(self._events):
            return None
        stream = self._events[last - 1][0]
        for number, (of, message) in enumerate(self._events[last:], last + 1):
            if of == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream
