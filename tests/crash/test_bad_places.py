"""Places where a queue cannot be: full, read-only, cut short, damaged. It says so, and touches nothing."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.errors import StorageUnavailable
from tests.crash import program
from tests.crash.campaign import SEED

pytestmark = pytest.mark.anyio
PAGE = 4096
MEBIBYTE = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two mebibytes, half of which a file takes. Mounting needs root."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    (folder / "ballast").write_bytes(bytes(MEBIBYTE))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def submit_for_ever(queue: TaskQueue, acknowledged: list[str]) -> None:
    """Until something stops it."""
    while True:
        acknowledged.append((await queue.enqueue(program.write, "x" * 5_000)).id)


def remount(folder: Path, mode: str) -> None:
    """Make the disk read-only (ro), or no longer (rw)."""
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


async def test_a_full_disk_refuses_tasks_and_takes_them_again_when_there_is_space(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_tasks.worker._STORAGE_RETRY_SECONDS", 0.02)
    async with TaskQueue(small_disk / "tasks.db") as queue, TaskWorker(queue, 4):
        acknowledged: list[str] = []
        with pytest.raises(StorageUnavailable, match="no space is left"):
            await submit_for_ever(queue, acknowledged)
        (small_disk / "ballast").unlink()
        acknowledged.append((await queue.enqueue(program.add, 1, 2)).id)
        with anyio.fail_after(20):
            done = [await queue.wait(id_) for id_ in acknowledged]
    assert {task.status for task in done} == {"completed"}
    assert len(done) > 10


async def test_a_read_only_disk_is_refused_in_words_that_help(small_disk: Path) -> None:
    async with TaskQueue(small_disk / "tasks.db") as queue:
        task = await queue.enqueue(program.add, 1, 2)
    remount(small_disk, "ro")
    async with TaskQueue(small_disk / "tasks.db") as queue:
        with pytest.raises(StorageUnavailable, match="permissions"):
            await queue.enqueue(program.add, 1, 2)
    remount(small_disk, "rw")
    async with TaskQueue(small_disk / "tasks.db") as queue:
        assert [t.id for t in (await queue.list_tasks()).tasks] == [task.id]


async def test_a_read_only_folder_is_refused_in_words_that_help(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("modes do not bind this user")
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        with pytest.raises(StorageUnavailable, match="permissions"):
            await queue.enqueue(program.add, 1, 2)


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A queue with tasks, closed in good order."""
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        for n in range(50):
            await queue.enqueue(program.add, n, 1)
    return tmp_path / "tasks.db"


async def expect_refusal(file: Path, words: str) -> None:
    """Neither reading nor writing works, and the file stays as it is."""
    before = file.read_bytes()
    async with TaskQueue(file) as queue:
        with pytest.raises(StorageUnavailable, match=words):
            await queue.enqueue(program.add, 1, 2)
        with pytest.raises(StorageUnavailable, match=words):
            await queue.list_tasks()
    assert file.read_bytes() == before


@pytest.mark.parametrize("left", [50, PAGE // 2, PAGE, 3 * PAGE + 100, -PAGE])
async def test_a_file_that_was_cut_short_is_refused_and_left_alone(file: Path, left: int) -> None:
    size = left if left > 0 else file.stat().st_size + left
    os.truncate(file, size)
    await expect_refusal(file, "not a SQLite database|damaged")


async def test_a_damaged_file_is_refused_and_left_alone(file: Path) -> None:
    pages = file.stat().st_size // PAGE
    with file.open("r+b") as f:
        f.seek(PAGE)
        f.write(random.Random(SEED).randbytes((pages - 1) * PAGE))
    await expect_refusal(file, "damaged")


async def test_a_wal_that_was_damaged_costs_no_more_than_what_is_in_it(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    async with TaskQueue(file) as queue:
        late = await queue.enqueue(program.add, 100, 1)
        shutil.copy(file, copy)
        wal = bytearray(file.with_name("tasks.db-wal").read_bytes())
    wal[100:200] = bytes(100)
    (copy / "tasks.db-wal").write_bytes(wal)
    async with TaskQueue(copy / "tasks.db") as queue:
        ids = [t.id for t in (await queue.list_tasks(limit=1_000)).tasks]
    assert len(ids) == 50
    assert late.id not in ids


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
async def test_a_queue_outlives_the_folder_of_its_lock(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        await queue.wait((await queue.enqueue(program.add, 1, 2)).id)
        shutil.rmtree(tmp_path / "tasks.db-files" / "workers")
        with anyio.fail_after(20):
            later = await queue.enqueue(program.add, 3, 4, delay=0.2)  # by then it has looked for the dead
            assert (await queue.wait(later.id)).result == 7
