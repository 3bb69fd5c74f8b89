"""How the tests hear of changes: on a stream of their own, and with the ear of a session of the handshake era."""

from collections import Counter
from typing import Any

import anyio
import pytest
from mcp import Client, MCPDeprecationWarning
from mcp.client.subscriptions import Subscription
from mcp_types import ResourceUpdatedNotification

from tests.server.serving import ERAS

MODERN, LEGACY = ERAS


async def until_heard(stream: Subscription, *expected: object) -> Counter[object]:
    """What comes until all of this has come."""
    heard: Counter[object] = Counter()
    with anyio.fail_after(20):
        async for event in stream:
            heard[event] += 1
            if set(expected) <= set(heard):
                break
    return heard


class Ear:
    """Hears the notifications of a client."""

    def __init__(self) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[str](100)

    async def __call__(self, message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            await self._send.send(message.params.uri)

    async def until(self, *uris: str) -> set[str]:
        """All that comes until all of these have come."""
        heard: set[str] = set()
        with anyio.fail_after(20):
            while not set(uris) <= heard:
                heard.add(await self._receive.receive())
        return heard

    @property
    def options(self) -> dict[str, Any]:
        """Those of a client with this ear."""
        return {"mode": LEGACY, "message_handler": self}

    def close(self) -> None:
        """Hear no more."""
        self._send.close()
        self._receive.close()


async def subscribe(client: Client, uri: str) -> None:
    """As a session of the handshake era does."""
    with pytest.warns(MCPDeprecationWarning):
        await client.subscribe_resource(uri)  # pyright: ignore[reportDeprecated]


async def unsubscribe(client: Client, uri: str) -> None:
    """The same."""
    with pytest.warns(MCPDeprecationWarning):
        await client.unsubscribe_resource(uri)  # pyright: ignore[reportDeprecated]
