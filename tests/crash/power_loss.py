"""A disk that forgets: what was written and not synced may be gone, or half there, when the power is cut.

`kill -9` cannot show this, for the page cache survives it. Here the process goes on, and a cut is a picture of
what the disk would hold at that instant. SQLite's files are seen through a VFS, artifacts through `os.fsync`.
The -shm file is not a file to lose: SQLite builds it anew. A deletion counts as durable at once.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, cast

import apsw

from mcp_tasks.clock import SystemClock

SECTOR = 512
Change: TypeAlias = tuple[int, bytes | None]
"""Bytes written at an offset; None: cut off there."""


@dataclass
class _File:
    durable: bytearray
    exists: bool  # whether its name is durable
    pending: list[Change] = field(default_factory=list[Change])

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, change)
        self.pending.clear()
        self.exists = True

    def after_cut(self, rng: random.Random) -> bytes | None:
        """What is left: of every unsynced change all, nothing, or some sectors."""
        if not self.exists and rng.random() < 0.5:
            return None
        content = bytearray(self.durable)
        for change in self.pending:
            fate = rng.random()
            if fate < 0.4:
                _apply(content, change)
            elif fate < 0.6:
                for piece in _sectors(change):
                    if rng.random() < 0.5:
                        _apply(content, piece)
        return bytes(content)


def _apply(content: bytearray, change: Change) -> None:
    offset, data = change
    if data is None:
        del content[offset:]
    else:
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data


def _sectors(change: Change) -> list[Change]:
    offset, data = change
    if data is None:
        return [change]
    cuts = [offset, *range(offset // SECTOR * SECTOR + SECTOR, offset + len(data), SECTOR), offset + len(data)]
    return [(a, data[a - offset : b - offset]) for a, b in pairwise(cuts)]


class ForgetfulFiles(apsw.VFS):
    """While it is registered, SQLite's files in this process lie on such a disk. Calls `look` before every change."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__("power loss", "unix", makedefault=True)
        self._look = look
        self.lock = threading.RLock()
        self._files: dict[str, _File] = {}

    def after_cut(self, rng: random.Random) -> dict[str, bytes]:
        """What the disk holds if the power goes now, by file name."""
        left = {Path(path).name: file.after_cut(rng) for path, file in self._files.items()}
        return {name: content for name, content in left.items() if content is not None}

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's
        """Called by SQLite."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        assert path is not None
        opened = _ForgetfulFile(self, path, name, flags)
        with self.lock:
            if path not in self._files:
                content = Path(path).read_bytes()
                self._files[path] = _File(bytearray(content), exists=bool(content))
        return opened

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's
        """Called by SQLite."""
        with self.lock:
            super().xDelete(filename, syncdir)
            self._files.pop(filename, None)

    def change(self, path: str, change: Change | None) -> None:
        """Note a change, or a sync where it is None; the moment before it is a moment for a cut."""
        self._look()
        file = self._files[path]
        if change is None:
            file.sync()
        else:
            file.pending.append(change)


class _ForgetfulFile(apsw.VFSFile):
    def __init__(self, disk: ForgetfulFiles, path: str, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk
        self._path = path

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's
        with self._disk.lock:
            self._disk.change(self._path, (offset, bytes(data)))
            cast(Any, super()).xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's
        with self._disk.lock:
            self._disk.change(self._path, (newsize, None))
            super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's
        with self._disk.lock:  # nothing really has to reach this machine's disk
            self._disk.change(self._path, None)


class ForgetfulFolder:
    """The folders and files below `root` as `os.fsync` made them durable: contents, and lists of names, apart.

    A file that was synced is lost all the same while the list of names that it stands in was not.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.stat().st_ino
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, tuple[int, bool]]] = {}
        self.lock = threading.Lock()
        for path in (root, *root.rglob("*")):  # what is there already has been there for long
            self._keep(path)

    def fsync(self, descriptor: int) -> None:
        """Stands in for `os.fsync`."""
        with self.lock:
            self._keep(Path(f"/proc/self/fd/{descriptor}"))

    def after_cut(self) -> dict[str, bytes | None]:
        """What is left, by path; None for folders."""
        left: dict[str, bytes | None] = {}

        def walk(folder: int, prefix: str) -> None:
            for name, (inode, is_folder) in self._names.get(folder, {}).items():
                left[prefix + name] = None if is_folder else self._contents.get(inode, b"")
                if is_folder:
                    walk(inode, f"{prefix}{name}/")

        with self.lock:
            walk(self._root, "")
        return left

    def _keep(self, path: Path) -> None:
        inode = path.stat().st_ino
        if path.is_dir():
            with os.scandir(path) as entries:
                self._names[inode] = {e.name: (e.inode(), e.is_dir()) for e in entries}
        else:
            self._contents[inode] = path.read_bytes()


class BootedAgo(SystemClock):
    """The clock of a machine that was booted so many seconds ago."""

    def __init__(self, seconds: float) -> None:
        self._booted = time.monotonic() - seconds

    def monotonic(self) -> float:
        """Seconds since the boot."""
        return time.monotonic() - self._booted
