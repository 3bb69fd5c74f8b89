"""Huey on SQLite with fsync: the peer that also needs no server. Its consumer is a process of its own, as usual."""

import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.child import calling, end_with_stdin, tell

INSTALLED = find_spec("huey") is not None

# A tenth of its default. Each of its threads asks the file so often, also while nothing happens: five cost 4 % of a
# core at 10 ms, 22 % at 1 ms.
_POLL_SECONDS = 0.01


class HueyQueue:
    """A queue in a file with two tasks. Results are stored, as ours are: three durable commits a task."""

    def __init__(self, path: Path) -> None:
        self.huey: Any = import_module("huey").SqliteHuey(filename=str(path), fsync=True)
        self.noop: Any = self.huey.task()(_noop)
        self.start_time: Any = self.huey.task()(_start_time)

    def completed(self) -> int:
        """How many results are stored."""
        return int(self.huey.storage.result_store_size())

    def wait_completed(self, n: int) -> None:
        """Return when `n` results are stored."""
        while self.completed() < n:
            time.sleep(0.002)

    def close(self) -> None:
        """Let go of the file."""
        self.huey.storage.close()


@contextmanager
def consumed(folder: Path, workers: int) -> Generator[HueyQueue]:
    """A queue whose tasks a consumer process runs, with so many threads."""
    path = folder / "huey.db"
    queue = HueyQueue(path)
    with calling("huey_peer:consume", path, workers) as consumer:
        consumer.hear()
        try:
            yield queue
        finally:
            queue.close()


def consume(path: str, workers: int) -> None:
    """Run a consumer until stdin ends; in its own process."""
    logging.disable(logging.CRITICAL)
    huey = HueyQueue(Path(path)).huey
    consumer = huey.create_consumer(
        workers=workers, periodic=False, initial_delay=_POLL_SECONDS, backoff=1.0, max_delay=_POLL_SECONDS
    )
    end_with_stdin()
    tell("ready")
    consumer.run()


def _noop(i: int) -> int:
    return i


def _start_time(i: int) -> float:
    return time.perf_counter()
