"""What `cancel`, `retry` and `cleanup` do to the tasks of a data folder."""

from pathlib import Path

import pytest

from mcp_tasks import TaskStatus
from mcp_tasks.errors import TaskNotFound
from tests.cli.command import Folder, filled, mcp_tasks


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder that a test may change."""
    return filled(tmp_path)


def test_cancel_cancels_a_waiting_task_and_says_so_again(folder: Folder) -> None:
    first = mcp_tasks("cancel", folder.delayed.id, "--data-dir", folder.path)
    second = mcp_tasks("cancel", folder.delayed.id, "--data-dir", folder.path)

    assert folder.now(folder.delayed).status is TaskStatus.CANCELLED
    assert first == second
    assert first.out == f"{folder.delayed.id} is cancelled.\n"
    assert first.code == 0


def test_cancel_refuses_a_finished_task(folder: Folder) -> None:
    said = mcp_tasks("cancel", folder.completed.id, "--data-dir", folder.path)

    assert said.code == 2
    assert "already completed" in said.err
    assert folder.now(folder.completed).status is TaskStatus.COMPLETED


def test_retry_puts_a_failed_task_back_with_its_whole_budget(folder: Folder) -> None:
    said = mcp_tasks("retry", folder.failed.id, "--data-dir", folder.path)

    task = folder.now(folder.failed)
    assert (task.status, task.failures) == (TaskStatus.PENDING, 0)
    assert said.out == f"{folder.failed.id} is pending again.\n"


def test_retry_refuses_a_completed_task(folder: Folder) -> None:
    said = mcp_tasks("retry", folder.completed.id, "--data-dir", folder.path)

    assert said.code == 2
    assert "only failed and cancelled tasks can be retried" in said.err


def test_cleanup_deletes_what_finished_long_enough_ago_and_nothing_else(folder: Folder) -> None:
    fresh = mcp_tasks("cleanup", "--data-dir", folder.path)
    old = mcp_tasks("cleanup", "--hours", "0", "--data-dir", folder.path)

    assert fresh.out == "Deleted 0 tasks and 0 files (0 B).\n"
    assert old.out == "Deleted 3 tasks and 1 files (5 B).\n"
    for gone in (folder.completed, folder.failed, folder.cancelled):
        with pytest.raises(TaskNotFound):
            folder.now(gone)
    assert folder.now(folder.delayed).status is TaskStatus.PENDING
    assert folder.now(folder.asking).questions


def test_a_dry_run_of_cleanup_says_what_would_be_deleted_and_deletes_nothing(folder: Folder) -> None:
    said = mcp_tasks("cleanup", "--hours", "0", "--dry-run", "--data-dir", folder.path)

    assert (said.code, said.out) == (0, "Would delete 3 tasks and 1 files (5 B).\n")
    for kept in (folder.completed, folder.failed, folder.cancelled):
        assert folder.now(kept).id == kept.id


def test_cleanup_names_the_files_that_no_task_needs(folder: Folder) -> None:
    orphan = folder.path / "tasks.db-files" / "artifacts" / "gone" / "1" / "half.pdf"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"%PDF")

    told = mcp_tasks("cleanup", "--dry-run", "--data-dir", folder.path)
    assert told.out == "Would delete 0 tasks and 0 files (0 B), and 1 files that no task needs (4 B).\n"
    assert orphan.exists()
    assert mcp_tasks("cleanup", "--data-dir", folder.path).out == told.out.replace("Would delete", "Deleted")
    assert not orphan.exists()
