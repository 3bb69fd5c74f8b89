"""What runs once for all its users: it starts with the first of them and ends with the last."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic, TypeVar

import anyio
from anyio import CancelScope

T = TypeVar("T")


class Shared(Generic[T]):
    """Something that is kept `running`, counted by its users.

    The transports use it for a server's lifespan: stdio and Streamable HTTP once, SSE once per connection. Whoever
    comes first hosts it, so that one's exit waits for the others', even when it is cancelled.
    """

    def __init__(self, running: Callable[[T], AbstractAsyncContextManager[object]]) -> None:
        self._running = running
        self._users = 0
        self._unused = anyio.Event()
        self.value: T | None = None
        """What is running, while anybody uses it."""

    @asynccontextmanager
    async def used(self, make: Callable[[], T]) -> AsyncGenerator[T]:
        """What is running. Only the host calls `make`."""
        async with anyio.create_task_group() as group:
            if self.value is None:
                self.value, self._unused = make(), anyio.Event()
                group.start_soon(self._host, self.value, self._unused)
            self._users += 1
            try:
                yield self.value
            finally:
                self._users -= 1
                if not self._users:
                    self.value = None
                    self._unused.set()

    async def _host(self, value: T, unused: anyio.Event) -> None:
        with CancelScope(shield=True):  # whoever came first may be cut off while others go on
            async with self._running(value):
                await unused.wait()
