"""What should not end is started again when it does: at first soon, then less and less often."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import anyio

from mcp_tasks.clock import Clock
from mcp_tasks.errors import StorageUnavailable

_log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0

ChildStatus: TypeAlias = Literal["running", "restarting", "ended"]
"""`restarting`: after a fault, until its pause is over."""


@dataclass(frozen=True)
class Fault:
    """Why a child stopped: the error's type and message, and when, in seconds since 1970."""

    type: str
    message: str
    at: float


class Supervised:
    """One child of the process. `fault` is its last one, also when it has long been running again."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self.name = name
        self.status: ChildStatus = "running"
        self.restarts = 0
        self.fault: Fault | None = None
        self._run = run
        self._clock = clock

    async def keep_alive(self) -> None:
        """Run it until it returns. A fault is logged, never raised."""
        try:
            await self._start_again_and_again()
        finally:
            self.status = "ended"

    async def _start_again_and_again(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            started = anyio.current_time()
            try:
                await self._run()
            except* StorageUnavailable as errors:
                error = self._note(errors)
                _log.warning("the %s stopped and starts again in %.1f s: %s", self.name, pause, error)
            except* Exception as errors:
                self._note(errors)
                _log.exception("the %s stopped and starts again in %.1f s", self.name, pause)
            else:
                return
            if anyio.current_time() - started > _LONGEST_PAUSE_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            await anyio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            self.status = "running"

    def _note(self, errors: BaseExceptionGroup[BaseException]) -> BaseException:
        error = _first(errors)
        self.fault = Fault(type(error).__name__, str(error), self._clock.now())
        self.status = "restarting"
        return error


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first, out of its groups."""
    error = errors.exceptions[0]
    return _first(cast("BaseExceptionGroup[BaseException]", error)) if isinstance(error, BaseExceptionGroup) else error
