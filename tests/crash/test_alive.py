"""Two processes at the same moment: one takes its lock, the other looks for locks that nobody holds."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_tasks.sqlite.alive import DeadProcess, ProcessLock


def hold(_: DeadProcess) -> None:
    """The other process has not come to an end with it yet."""


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
@pytest.mark.parametrize("end", [DeadProcess.bury, DeadProcess.leave, hold])
def test_a_process_that_was_looked_at_before_it_took_its_lock_is_alive(
    tmp_path: Path, end: Callable[[DeadProcess], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ProcessLock(tmp_path)
    found: list[DeadProcess] = []
    real_open = os.open

    def open_and_be_looked_at(path: Path, flags: int, mode: int = 0o777) -> int:
        fd = real_open(path, flags, mode)
        if flags & os.O_EXCL and not found:
            monkeypatch.undo()
            found.extend(other.dead())
            for process in found:
                end(process)
        return fd

    monkeypatch.setattr(os, "open", open_and_be_looked_at)
    new = ProcessLock(tmp_path)
    assert len(found) == 1
    assert other.has_file_of(new.id)
    assert new.id not in [process.id for process in other.dead()]
    new.release()
    other.release()
