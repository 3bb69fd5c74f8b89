"""Where a worker of this process takes its claims."""

from collections.abc import Sequence
from typing import Protocol

from mcp_tasks.slots import Slots
from mcp_tasks.task import Claim
from mcp_tasks.wake import Wake


class Intake(Protocol):
    """A worker's free places, and the way of claims that were made at submission to its loop."""

    slots: Slots
    wake: Wake

    def receive(self, claims: Sequence[Claim]) -> None:
        """Start these claims; called on the worker's loop. Their places are taken already."""
        ...
