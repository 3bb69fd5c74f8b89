"""What `list`, `status` and `stats` show, to people and to programs."""

from pathlib import Path

import pytest

from tests.cli.command import Folder, Said, filled, in_queue, mcp_tasks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A data folder that these tests only read."""
    return filled(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def listed(folder: Folder) -> Said:
    """The list for people."""
    return mcp_tasks("list", "--data-dir", folder.path)


@pytest.fixture(scope="module")
def failed(folder: Folder) -> Said:
    """The failed task for people, with its attempts."""
    return mcp_tasks("status", folder.failed.id, "--attempts", "--data-dir", folder.path)


def test_list_shows_every_task_newest_first_with_what_matters(folder: Folder, listed: Said) -> None:
    heading, *lines = listed.out.splitlines()
    assert heading.split() == ["ID", "TASK", "STATUS", "SUBMITTED", "DETAIL"]
    expected = [
        (folder.delayed, "pending", "runs in"),
        (folder.cancelled, "cancelled", ""),
        (folder.asking, "pending", "asks: Which colour?"),
        (folder.failed, "failed", "PermanentError: the file is"),
        (folder.completed, "completed", "took"),
    ]
    for line, (task, status, detail) in zip(lines, expected, strict=True):
        assert line.split()[:3] == [task.id, task.name, status]
        assert detail in line
    assert (listed.code, listed.err) == (0, "")


def test_list_can_be_narrowed_by_status_and_name(folder: Folder) -> None:
    cancelled = mcp_tasks("list", "--status", "cancelled", "--name", "add", "--json", "--data-dir", folder.path)
    none = mcp_tasks("list", "--name", "nothing", "--data-dir", folder.path)

    assert [task["task_id"] for task in cancelled.json["tasks"]] == [folder.cancelled.id]
    assert none.out == "There are no such tasks.\n"


def test_list_tells_how_to_go_on_where_it_ended(folder: Folder) -> None:
    first = mcp_tasks("list", "--limit", "3", "--data-dir", folder.path)
    cursor = first.err.partition("--cursor ")[2].partition(",")[0]
    rest = mcp_tasks("list", "--cursor", cursor, "--json", "--data-dir", folder.path)

    assert len(first.out.splitlines()) == 4
    assert [task["task_id"] for task in rest.json["tasks"]] == [folder.failed.id, folder.completed.id]
    assert rest.json["next_cursor"] is None


def test_status_tells_of_a_completed_task_its_result_and_where_its_files_are(folder: Folder) -> None:
    said = mcp_tasks("status", folder.completed.id, "--data-dir", folder.path)

    _, path = in_queue(folder.path, lambda queue: queue.artifact(folder.completed.id, "report.txt"))
    assert said.out.startswith("write_report  completed\n")
    assert '"a report about roofs"' in said.out
    assert "100 %  written" in said.out
    assert f"  {path}" in said.out.splitlines()
    assert path.read_text() == "roofs"


def test_status_tells_of_a_failed_task_why_and_how_to_go_on(folder: Folder, failed: Said) -> None:
    assert "PermanentError: the file is" in failed.out
    assert f"mcp-tasks retry {folder.failed.id}" in failed.out


def test_status_with_attempts_shows_each_and_where_the_last_failure_came_from(folder: Folder, failed: Said) -> None:
    waiting = mcp_tasks("status", folder.delayed.id, "--attempts", "--data-dir", folder.path)

    assert any(line.startswith("1 ") and " failed " in line for line in failed.out.splitlines())
    assert "in look_up" in failed.out
    assert "No attempt has ended yet." in waiting.out


def test_status_as_json_is_the_view_of_the_tools(folder: Folder) -> None:
    view = mcp_tasks("status", folder.completed.id, "--attempts", "--json", "--data-dir", folder.path).json

    assert view["task_id"] == folder.completed.id
    assert view["result"] == "a report about roofs"
    assert view["artifacts"][0]["uri"] == f"artifact://{folder.completed.id}/report.txt"
    assert [attempt["outcome"] for attempt in view["attempts"]] == ["completed"]
    assert view["created_at"].endswith("Z")


def test_stats_counts_by_name_and_status(folder: Folder) -> None:
    people = mcp_tasks("stats", "--data-dir", folder.path)
    program = mcp_tasks("stats", "--json", "--data-dir", folder.path).json

    rows = {line.split()[0]: line.split()[1:] for line in people.out.splitlines() if line.strip()}
    assert rows["add"] == ["1", "0", "0", "0", "0", "1"]
    assert rows["all"] == ["2", "0", "0", "1", "1", "1"]
    assert program["by_name"]["add"]["cancelled"] == 1
    assert program["counts"]["total"] == 5


def test_what_tasks_say_cannot_steer_the_terminal(listed: Said, failed: Said) -> None:
    assert "\x1b" not in listed.out + failed.out
    assert "�[2Jgone" in failed.out


def test_the_folder_can_come_from_the_environment(folder: Folder) -> None:
    said = mcp_tasks("list", "--json", MCP_TASKS_DATA_DIR=str(folder.path))

    assert len(said.json["tasks"]) == 5


def test_looking_makes_no_queue(tmp_path: Path) -> None:
    said = mcp_tasks("list", "--data-dir", tmp_path / "typo")

    assert said.code == 1
    assert "there is no queue in" in said.err
    assert not (tmp_path / "typo").exists()
