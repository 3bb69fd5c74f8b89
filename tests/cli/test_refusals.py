"""What is wrong is told in one line that says what to do; the exit code tells a wrong request from a fault."""

from pathlib import Path

import pytest

from tests.cli.command import filled, mcp_tasks


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "nope"], "there is no task 'nope'; `mcp-tasks list` shows the tasks there are"),
        (["list", "--status", "complete"], "did you mean completed? (one of: pending, running, retrying, completed,"),
        (["list", "--limit", "0"], "limit must be from 1 to 1000"),
        (["start", "--max-concurrent", "0"], "max_concurrent_tasks: Input should be greater than or equal to 1"),
        (
            ["serve", "--transport", "carrier-pigeon"],
            "there is no transport 'carrier-pigeon' (one of: stdio, http,",
        ),
    ],
)
def test_a_wrong_request_ends_with_2_and_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    filled(tmp_path)

    said = mcp_tasks(*arguments, "--data-dir", tmp_path)

    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert len(said.err.splitlines()) == 1


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    said = mcp_tasks("list", "--data-dir", tmp_path, MCP_TASKS_LANGUAGE="fr")

    assert said.code == 2
    assert "language" in said.err
    assert "(one of: es, en)" in said.err


def test_an_unknown_option_ends_with_2() -> None:
    said = mcp_tasks("list", "--colour")

    assert said.code == 2
    assert "No such option: --colour" in said.err


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "tasks.db").write_text("my diary, which is not a database at all\n" * 50)

    said = mcp_tasks("list", "--data-dir", tmp_path)

    assert said.code == 1
    assert "tasks.db is not a SQLite database; name another file, or move this one away" in said.err
    assert len(said.err.splitlines()) == 1
    assert (tmp_path / "tasks.db").read_text().startswith("my diary")


def test_a_folder_that_cannot_be_made_ends_the_worker_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = mcp_tasks("start", "--data-dir", tmp_path / "file" / "data")

    assert said.code == 1
    assert "cannot be opened for writing; check the folder's permissions or name another --data-dir" in said.err
    assert len(said.err.splitlines()) == 1
