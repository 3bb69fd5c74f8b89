"""What was measured on: a ratio means little without it."""

import os
import platform
import sys
import tempfile
from pathlib import Path

import apsw

from benchmarks.measure import Stopwatch, p50_ms


def facts(folder: Path) -> list[str]:
    """A few sentences about this machine and the disk under `folder`."""
    return [
        f"{os.cpu_count()} cores, {platform.platform()}, {sys.implementation.name} {platform.python_version()}",
        f"SQLite {apsw.sqlite_lib_version()}, apsw {apsw.apsw_version()}",
        f"fdatasync p50 {_sync_p50_ms(folder):.3f} ms in {folder.parent}; its floor is that of every durable write",
    ]


def _sync_p50_ms(folder: Path) -> float:
    """How long it takes until 4 KiB are on the disk, if the disk tells the truth."""
    sync = getattr(os, "fdatasync", os.fsync)
    laps: list[float] = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            watch = Stopwatch()
            sync(file.fileno())
            laps.append(watch.lap())
    return p50_ms(laps)
