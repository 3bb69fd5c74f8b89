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
