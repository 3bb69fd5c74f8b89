"""Process functions that no process survives, or that never end."""

import ctypes
import os
import sys
import time

from mcp_tasks.decorators import background_task


@background_task(run_in="process", max_retries=0)
def segfault() -> int:
    """Reads what is not there."""
    return ctypes.string_at(0)[0]


@background_task(run_in="process", max_retries=0)
def leave_at_once() -> None:
    """Ends its process without a word."""
    os._exit(3)


@background_task(run_in="process", max_retries=0)
def say_exit() -> None:
    """Wants to end the program."""
    sys.exit("I am done with this")


@background_task(run_in="process", max_retries=0, timeout=0.5)
def loop_for_ever() -> None:
    """Never gives back control."""
    while True:
        pass


@background_task(run_in="process", max_retries=0, timeout=0.5)
def sleep_in_c() -> None:
    """Cannot be interrupted from Python while it holds on."""
    time.sleep(3_600)


@background_task(run_in="process", max_retries=0)
def return_too_much(size: int) -> str:
    """A result larger than any frame."""
    return "x" * size


@background_task(run_in="process", max_retries=0)
def eat_memory(limit: int) -> int:
    """Takes memory until there is none, which the kernel says at `limit` bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    eaten: list[bytearray] = []
    while True:
        eaten.append(bytearray(16 * 1024 * 1024))


@background_task(run_in="process")
def twice(n: int) -> int:
    """Harmless."""
    return 2 * n
