"""The load that several rows put on a queue."""

from collections.abc import Awaitable, Callable

import anyio

CROWD = 64
"""Submitters at the same time: what a busy server sees."""


async def noop(i: int) -> int:
    """The task that costs nothing, so that what is left is the queue."""
    return i


async def crowd(submitters: int, n: int, submit: Callable[[int], Awaitable[object]]) -> None:
    """Submit `n` times, by so many submitters, each waiting for its answer before it goes on."""
    numbers = iter(range(n))

    async def submitter() -> None:
        for number in numbers:
            await submit(number)

    async with anyio.create_task_group() as group:
        for _ in range(submitters):
            group.start_soon(submitter)
