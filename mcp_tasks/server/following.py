"""Following what is stored, for who asked to hear of changes: how much of it, and through the faults of the store."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from mcp import MCPError
from mcp_types import INVALID_PARAMS

from mcp_tasks.errors import QueueClosed, StorageUnavailable
from mcp_tasks.sqlite.hub import Subscription

_log = logging.getLogger(__name__)

_MOST = 1_000  # of one stream or connection
_PAUSE_SECONDS = 2.0


def check_number(number: int, what: str) -> None:
    """Refuse to follow more than anybody needs; `what` is their name, in the plural."""
    if number > _MOST:
        raise MCPError(INVALID_PARAMS, f"at most {_MOST} {what} can be subscribed to at once")


async def through_faults(follow: Callable[[], Awaitable[None]]) -> None:
    """Run `follow` until it returns, or the queue is closed. When the store fails it runs again, after a while."""
    while True:
        try:
            await follow()
        except QueueClosed:
            return
        except StorageUnavailable as error:
            _log.warning("what is subscribed to cannot be read, and is again in %g s: %s", _PAUSE_SECONDS, error)
        else:
            return
        await anyio.sleep(_PAUSE_SECONDS)


class Follower:
    """Tells when something is another than it was. Changes that follow each other closely may be told as one.

    `read` gives it as it is now, None when there is none; `changes` wakes when it may be another.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Any]],
        changes: Callable[[], Subscription],
        tell: Callable[[], Awaitable[None]],
    ) -> None:
        self._read = read
        self._changes = changes
        self._tell = tell
        self._last: Any = None

    async def look(self) -> None:
        """What is there now is known: whatever comes after it is told. Raises `StorageUnavailable`."""
        self._last = await self._read()

    async def follow(self) -> None:
        """Tell of each change after what was seen last, until it is gone. What never was never changes."""
        await through_faults(self._follow)

    async def _follow(self) -> None:
        with self._changes() as changes:
            while self._last is not None:
                now = await self._read()
                if now == self._last:
                    await changes.wait()
                else:
                    await self._tell()
                    self._last = now
