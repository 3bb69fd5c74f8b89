"""How much a worker can run at once: so many tasks in all, and of some functions fewer."""

import threading
from collections.abc import Mapping


class Slots:
    """Counts free places. Taken in the store's thread, given back on the worker's loop."""

    def __init__(self, total: int, per_name: Mapping[str, int]) -> None:
        self._lock = threading.Lock()
        self._free = total
        self._free_of = dict(per_name)

    @property
    def free(self) -> int:
        """Places left in all."""
        return max(0, self._free)

    def limits(self) -> dict[str, int]:
        """For each name that this worker knows, how many more of it could start now."""
        with self._lock:
            return {name: max(0, min(n, self._free)) for name, n in self._free_of.items()}

    def take(self, name: str) -> bool:
        """Occupy a place, if there is one for that name."""
        with self._lock:
            if self._free <= 0 or self._free_of.get(name, 0) <= 0:
                return False
            self._free -= 1
            self._free_of[name] -= 1
            return True

    def give(self, name: str) -> None:
        """Give a place back."""
        with self._lock:
            self._free += 1
            self._free_of[name] += 1

    def learn(self, name: str, limit: int) -> None:
        """A function was registered after the worker had started."""
        with self._lock:
            self._free_of.setdefault(name, limit)

    def close(self) -> None:
        """Nothing can be taken any more."""
        with self._lock:
            self._free = -1_000_000
