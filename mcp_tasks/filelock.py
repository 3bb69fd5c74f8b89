"""Locks on files, which the kernel releases when their process dies, even at kill -9."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.05

if sys.platform == "win32":
    import msvcrt

    def try_lock(fd: int) -> bool:
        """Lock an open file, or return False when another has it."""
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(fd: int) -> bool:
        """Lock an open file, or return False when another has it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class StillLocked(Exception):
    """Somebody else held the lock all the time."""


@contextmanager
def locked(path: Path, patience_seconds: float) -> Generator[None]:
    """Hold the lock of the file, which is made when it is not there, once whoever has it lets go.

    Raises `StillLocked` after so many seconds. The kernel would wait for ever, for a process that was stopped, too.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)  # as any file: whoever may write the folder may lock it
    try:
        deadline = time.monotonic() + patience_seconds
        while not try_lock(fd):
            if time.monotonic() >= deadline:
                raise StillLocked
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(fd)
