"""A disk that refuses: SQLite's own system calls fail with the kernel's error codes, and so do its syncs."""

import ctypes
import errno
import threading
from collections.abc import Callable
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self

import apsw

_ROW = {  # name: result, arguments
    "pwrite64": (ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64),
    "pread64": (ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64),
    "ftruncate": (ctypes.c_int, ctypes.c_int, ctypes.c_int64),
    "open": (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int),
}


class Fault(Enum):
    """What goes wrong."""

    IO = auto()  # every call: EIO
    FULL = auto()  # writes: ENOSPC
    SHORT = auto()  # writes: half of it is written, then ENOSPC
    SYNC = auto()  # fsync: EIO; what was written may be there or not


class FailingDisk(apsw.VFS):
    """While it is entered, the calls of all SQLite connections of this process pass through it, on Linux.

    Its files are opened only where `fault` needs it: a VFS in Python also tells of errors that SQLite lives with.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__("failing disk", "unix", makedefault=fault is Fault.SYNC)
        self.fault = fault
        self._lock = threading.Lock()
        self._armed: Fault | None = None
        self._left = 0
        self._last = 0
        self.failed = 0
        self._kept: list[Any] = []  # what C calls must not be collected

    def fail(self, after: int, times: int) -> None:
        """After so many calls that the fault concerns, so many of them fail."""
        with self._lock:
            self._armed, self._left, self._last, self.failed = self.fault, after, after + times, 0

    def mend(self) -> None:
        """Nothing fails any more."""
        with self._lock:
            self._armed = None

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's
        """Called by SQLite."""
        return _File(self, name, flags)

    def next_fails(self, *faults: Fault) -> Fault | None:
        """Count a call that these faults concern; the fault, if it fails."""
        with self._lock:
            if self._armed not in faults:
                return None
            self._left -= 1
            self._last -= 1
            if self._left < 0 <= self._last:
                self.failed += 1
                return self._armed
            return None

    def __enter__(self) -> Self:
        for name, (result, *arguments) in _ROW.items():
            kind = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)
            pointer = self.xGetSystemCall(name)
            assert pointer is not None, f"this SQLite has no {name}"
            call = kind(self._wrapped(name, kind(pointer)))
            self._kept.append(call)
            self.xSetSystemCall(name, ctypes.cast(call, ctypes.c_void_p).value or 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in _ROW:
            self.xSetSystemCall(name, 0)  # its own again
        self.unregister()

    def _wrapped(self, name: str, call: Callable[..., int]) -> Callable[..., int]:
        faults = (Fault.IO, Fault.FULL, Fault.SHORT) if name == "pwrite64" else (Fault.IO,)

        def wrapped(*arguments: Any) -> int:
            fault = self.next_fails(*faults)
            if fault is None:
                return call(*arguments)
            if fault is Fault.SHORT and arguments[2] > 1:
                file, data, size, offset = arguments
                call(file, data, size // 2, offset)
            ctypes.set_errno(errno.EIO if fault is Fault.IO else errno.ENOSPC)
            return -1

        return wrapped


class _File(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's
        if self._disk.next_fails(Fault.SYNC):
            raise apsw.IOError("the disk does not sync")
        super().xSync(flags)
