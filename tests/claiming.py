"""Claims without a worker, for tests that play the worker themselves."""

from collections.abc import Sequence

from mcp_tasks import TaskQueue
from mcp_tasks.slots import Slots
from mcp_tasks.task import Claim
from mcp_tasks.wake import current_wake


class Hand:
    """An intake that keeps what it claims. Make it inside the running loop."""

    def __init__(self, queue: TaskQueue, slots: int = 1_000, per_name: dict[str, int] | None = None) -> None:
        self._queue = queue
        names = per_name or dict.fromkeys(queue.functions.functions(), 1_000)
        self.slots = Slots(slots, names)
        self.wake = current_wake()
        self.received: list[Claim] = []

    def receive(self, claims: Sequence[Claim]) -> None:
        """Claims made at submission."""
        self.received += claims

    async def claim(self) -> list[Claim]:
        """Claim what is ready."""
        claims, _ = await self._queue.store.claim(self)
        return claims

    async def claim_one(self) -> Claim:
        """Claim exactly what is ready, one task."""
        (claim,) = await self.claim()
        return claim
