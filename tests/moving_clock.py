"""Clocks for tests: one stands still until it is moved, one goes as the machine's does until somebody sets it."""

from mcp_tasks.clock import SystemClock


class MovingClock:
    """Both clocks of `mcp_tasks.clock.Clock`; they move together, or the wall clock jumps alone."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._monotonic = 1_000.0

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._now += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the machine's time."""
        self._now += seconds


class SetClock(SystemClock):
    """The machine's clocks, when somebody has set its time."""

    def __init__(self) -> None:
        self._off = 0.0

    def now(self) -> float:
        """Seconds since 1970, as far as anybody knows."""
        return super().now() + self._off

    def jump(self, seconds: float) -> None:
        """Somebody sets the machine's time."""
        self._off += seconds
