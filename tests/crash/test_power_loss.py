"""The power is cut, again and again: what was acknowledged is there, with its files, when it is back.

Which unsynced writes survive is drawn from the seed; how the threads of a run take turns is not.
"""

import os
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import apsw
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.sqlite.connection import Synchronous, open_writer
from tests.crash import program
from tests.crash.campaign import SECONDS, SEED, amount, say
from tests.crash.power_loss import BootedAgo, ForgetfulFiles, ForgetfulFolder
from tests.crash.promises import check, check_completions, check_kept, finish_the_rest

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="power loss is promised for Linux"),
    pytest.mark.timeout(SECONDS),
]
RUNS = amount(short=5, long=100)
CUTS_A_RUN = 20
PAGES_A_CHECKPOINT = 40  # many checkpoints, for they are when the file itself is written


def _forget(fd: int) -> None:
    """An fsync that does nothing."""


def _checkpoint_often(connection: apsw.Connection) -> None:
    connection.wal_autocheckpoint(PAGES_A_CHECKPOINT)


@dataclass(frozen=True)
class Cut:
    """What the disk holds, and what somebody had been told before."""

    files: dict[str, bytes]
    folders: dict[str, bytes | None]
    acknowledged: list[str]
    completed: list[str]

    def restore(self, folder: Path) -> Path:
        """Lay it out in a new folder: the machine is on again."""
        folder.mkdir()
        for path, content in self.folders.items():  # a folder before what is in it
            if content is None:
                (folder / path).mkdir()
            else:
                (folder / path).write_bytes(content)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder


@dataclass
class Told:
    """What the submitters have been told so far."""

    acknowledged: list[str] = field(default_factory=list[str])
    completed: list[str] = field(default_factory=list[str])


async def work(folder: Path, synchronous: Synchronous, told: Told, cuts: list[Cut]) -> None:
    """Submit and run tasks until there were enough cuts, each time on a machine that is up for a shorter time."""
    clock = BootedAgo(1e9 / (1 + len(told.acknowledged)))
    async with TaskQueue(folder / "tasks.db", synchronous=synchronous, clock=clock) as queue, TaskWorker(queue, 8):

        async def submit_and_wait() -> None:
            while len(cuts) < CUTS_A_RUN:
                n = len(told.acknowledged)
                function = (program.write, program.add, program.fail_first)[n % 3]
                args = ((f"note {n}",), (n, 1), ())[n % 3]
                task = await queue.enqueue(function, *args)
                told.acknowledged.append(task.id)
                if (await queue.wait(task.id)).is_finished:
                    told.completed.append(task.id)

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(submit_and_wait)


def run_with_cuts(
    folder: Path,
    seed: int,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    *,
    synchronous: Synchronous = "FULL",
    heed_fsync: bool = True,
) -> list[Cut]:
    """The pictures that were taken of one run."""
    rng = random.Random(seed)
    cuts: list[Cut] = []
    left = rng.randrange(1, 60)

    def maybe_cut() -> None:
        nonlocal left
        left -= 1
        if left == 0 and len(cuts) < CUTS_A_RUN:
            left = rng.randrange(1, 60)
            told_before = list(told.acknowledged), list(told.completed)
            cuts.append(Cut(files.after_cut(rng), folders.after_cut(), *told_before))

    files, folders = ForgetfulFiles(maybe_cut), ForgetfulFolder(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", folders.fsync if heed_fsync else _forget)
        patch.setattr(apsw, "connection_hooks", [_checkpoint_often])
        try:
            anyio.run(work, folder, synchronous, told, cuts)
        finally:
            files.unregister()
    return cuts


@pytest.mark.parametrize("part", range(2))
def test_nothing_acknowledged_is_lost_when_the_power_is_cut(
    tmp_path: Path, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    told = Told()
    for run in range(0 + part, RUNS, 2):
        seed = SEED + run
        say(f"seed {seed}: {CUTS_A_RUN} cuts")
        cuts = run_with_cuts(folder, seed, told, monkeypatch)
        for n, cut in enumerate(cuts):
            folder = cut.restore(tmp_path / f"{run}-{n}")
            db = open_writer(folder / "tasks.db", "FULL")
            check_kept(db, cut.acknowledged, cut.completed)
            check_completions(db, folder)
            db.close()
        told = Told(cuts[-1].acknowledged, cuts[-1].completed)  # what came later is as if it had never been
    anyio.run(finish_the_rest, folder)
    check(folder, told.acknowledged)


def lost_in(cut: Cut, folder: Path) -> int:
    """How many acknowledged tasks are gone."""
    db = open_writer(cut.restore(folder) / "tasks.db", "NORMAL")
    kept = {str(row[0]) for row in db.execute("SELECT id FROM tasks")}
    db.close()
    return len([id_ for id_ in cut.acknowledged if id_ not in kept])


def test_with_normal_the_last_commits_are_lost_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    cuts = run_with_cuts(folder, SEED, Told(), monkeypatch, synchronous="NORMAL")
    losses = [lost_in(cut, tmp_path / str(n)) for n, cut in enumerate(cuts)]
    say(f"seed {SEED}: {sum(n > 0 for n in losses)} of {len(cuts)} cuts lost acknowledged tasks, {sum(losses)} in all")
    assert any(losses), "this disk forgets nothing: the test above proves nothing"


def test_artifacts_that_were_not_synced_would_be_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    last = run_with_cuts(folder, SEED, Told(), monkeypatch, heed_fsync=False)[-1]
    db = open_writer(last.restore(tmp_path / "restored") / "tasks.db", "FULL")
    with pytest.raises(FileNotFoundError):
        check_completions(db, tmp_path / "restored")
    db.close()
