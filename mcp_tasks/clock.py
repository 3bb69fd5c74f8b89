"""The two clocks: one for people and calendars, one for durations."""

import time
from typing import Protocol


class Clock(Protocol):
    """Passed in wherever time matters, so that tests can move it."""

    def now(self) -> float:
        """Seconds since 1970; jumps when somebody sets the machine's time."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, comparable between the processes of one boot."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment before the machine started."""
        return time.monotonic()
