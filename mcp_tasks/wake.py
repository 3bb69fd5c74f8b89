"""The way back to an event loop from any other thread."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import anyio.lowlevel

Wake: TypeAlias = Callable[[Callable[[], object]], object]
"""Runs a function soon on one event loop. Raises RuntimeError when that loop is closed. Equal for the same loop."""


def current_wake() -> Wake:
    """The way back to the running loop, asyncio's or trio's. Unlike `anyio.from_thread` it does not wait."""
    try:
        return asyncio.get_running_loop().call_soon_threadsafe
    except RuntimeError:
        return cast(Any, anyio.lowlevel.current_token().native_token).run_sync_soon
