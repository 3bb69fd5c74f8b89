"""What a row is: a number of ours, a number of the peer's, and the gate that their ratio has to pass."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True)
class Measured:
    """One line of the table. Without a `peer` the gate is for our number, in `unit`; without one it is only told."""

    what: str
    against: str
    unit: str
    ours: float
    peer: float | None
    gate: float | None
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Ours by the peer's."""
        return self.ours if self.peer is None else self.ours / self.peer

    @property
    def met(self) -> bool:
        """Whether the gate is passed; true where there is none."""
        if self.gate is None:
            return True
        return self.ratio >= self.gate if self.at_least else self.ratio <= self.gate


@dataclass(frozen=True)
class NotMeasured:
    """A line that could not be measured here, and why."""

    what: str
    why: str


Line: TypeAlias = Measured | NotMeasured


@dataclass(frozen=True)
class Effort:
    """How long to measure: so many rounds, each of a share of the full work."""

    rounds: int
    share: float

    def of(self, full: int) -> int:
        """How many of the `full` number to do; at least two, so that there is a middle."""
        return max(2, round(full * self.share))


Measure: TypeAlias = Callable[[Path], float]
"""Measures once, in an empty folder."""

Row: TypeAlias = Callable[[Path, Effort], list[Line]]
"""Measures lines of the table, with folders below the given one."""


def in_turns(folder: Path, rounds: int, *measures: Measure) -> list[float]:
    """The median of each measure over rounds in which all take turns, so that a noisy neighbour disturbs all alike.

    Every second round goes backwards.
    """
    found: dict[int, list[float]] = {n: [] for n in range(len(measures))}
    for turn in range(rounds):
        order = sorted(found, reverse=bool(turn % 2))
        for n in order:
            fresh = Path(tempfile.mkdtemp(dir=folder))
            try:
                found[n].append(measures[n](fresh))
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return [statistics.median(found[n]) for n in range(len(measures))]


def p50_ms(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(seconds) * 1000


def p99_ms(seconds: Sequence[float]) -> float:
    """The 99th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000


class Stopwatch:
    """Laps, in seconds. The clock is the same in all processes of a machine."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the start or the last lap."""
        now = time.perf_counter()
        seconds, self._begun = now - self._begun, now
        return seconds
