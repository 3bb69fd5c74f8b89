"""Locks on files, which the kernel releases when their process dies, even at kill -9."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def try_lock(fd: int) -> bool:
        """Lock an open file, or return False when another has it."""
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_for_lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_LOCK, 1)  # for ten seconds, then an OSError

else:
    import fcntl

    def try_lock(fd: int) -> bool:
        """Lock an open file, or return False when another has it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _wait_for_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock of the file, which is made when it is not there, once whoever has it lets go."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for_lock(fd)
        yield
    finally:
        os.close(fd)
