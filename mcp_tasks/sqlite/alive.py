"""Which processes are alive: each holds the lock of its own file, and the kernel lets go when it dies.

Neither process ids (reused, other namespaces) nor `lockf` (dropped when any descriptor of the file closes)
can be trusted; `flock` on a descriptor that nobody inherits can, even at kill -9 and after a reboot.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from mcp_tasks.filelock import try_lock

_TRIES = 3


class ProcessLock:
    """This process's own lock file, `<folder>/<id>.lock`, held from construction to `release`."""

    def __init__(self, folder: Path, name: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._fd: int | None = None
        for _ in range(_TRIES):
            unique = os.urandom(8).hex()
            self.id = f"{name}-{unique}" if name else unique
            self._path = folder / f"{self.id}.lock"
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if try_lock(fd) and os.fstat(fd).st_nlink:
                self._fd = fd
                break
            os.close(fd)  # somebody who looked for the dead was faster, and buries this file
        else:
            raise OSError(f"{folder} does not support file locks; put the data directory on a local disk")
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._let_go)

    def release(self) -> None:
        """Give the lock up; for a process that ends in good order, with no claims left."""
        if self._fd is not None:
            self._let_go()
            self._path.unlink(missing_ok=True)

    def _let_go(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def dead(self) -> "Iterator[DeadProcess]":
        """The processes whose locks are free now. Each comes locked, so that only one process reclaims it."""
        with os.scandir(self.folder) as entries:
            names = [entry.name for entry in entries if entry.name.endswith(".lock")]
        for name in names:
            found = None if name == self._path.name else _take(self.folder / name)
            if found:
                yield found

    def has_file_of(self, process: str) -> bool:
        """Whether that process has a lock file, held or not; it may be lost together with the machine's power."""
        return (self.folder / f"{process}.lock").exists()


class DeadProcess:
    """A process that is gone; `bury` it when its claims are reclaimed, or `leave` it to be found again."""

    def __init__(self, path: Path, fd: int) -> None:
        self.id = path.stem
        self._path = path
        self._fd = fd

    def bury(self) -> None:
        """Forget the process: its file goes."""
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(self._fd)
            self._path.unlink(missing_ok=True)
        else:
            self._path.unlink(missing_ok=True)
            os.close(self._fd)

    def leave(self) -> None:
        """Let go; somebody will find it again."""
        os.close(self._fd)


def _take(path: Path) -> DeadProcess | None:
    """The lock of a dead process, or None: alive, being reclaimed by another, or already buried."""
    try:
        fd = os.open(path, os.O_RDWR)
    except OSError:
        return None
    if try_lock(fd) and os.fstat(fd).st_nlink:
        return DeadProcess(path, fd)
    os.close(fd)
    return None
