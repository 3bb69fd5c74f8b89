"""What the SDK keeps to itself and we need all the same, by names of ours."""

from typing import Any

from mcp.server.connection import Connection
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.server.subscriptions import SubscriptionBus


def connection_of(ctx: ServerRequestContext[Any, Any]) -> Connection:
    """The client's connection, which outlives the request; its session does not."""
    return ctx.session._connection  # pyright: ignore[reportPrivateUsage]


def bus_of(server: MCPServer[Any]) -> SubscriptionBus | None:
    """Where a tool says that something has changed."""
    return server._subscriptions  # pyright: ignore[reportPrivateUsage]
