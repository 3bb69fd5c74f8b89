"""The commands that run for long: the worker alone, and the demo."""

import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from mcp_tasks import Task, TaskStatus
from mcp_tasks.app import open_queue
from mcp_tasks.demo import ROOF
from mcp_tasks.quotation.preview import first_page
from mcp_tasks.settings import Settings
from tests.cli.command import COMMAND, environment_with, mcp_tasks


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_worker_runs_what_another_process_submits_until_it_is_told_to_end(tmp_path: Path) -> None:
    async def submit_and_wait() -> Task:
        async with open_queue(Settings.read(data_dir=tmp_path)) as queue:
            task = await queue.enqueue("calculate_bom", {"requests": [ROOF]})
            with anyio.fail_after(20):
                return await queue.wait(task.id)

    command = [*COMMAND, "start", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment_with(), text=True) as worker:
        try:
            task = anyio.run(submit_and_wait)
        finally:
            worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=20)

    assert task.status is TaskStatus.COMPLETED
    assert task.result["totals"]["currency"] == "USD"
    assert worker.returncode == 0
    assert said == f"Running the tasks of {tmp_path / 'tasks.db'}. Ctrl-C ends it.\n"


def test_the_demo_prints_the_bill_and_leaves_a_pdf_that_opens(tmp_path: Path) -> None:
    said = mcp_tasks("demo", "--output", tmp_path / "out")

    assert (said.code, said.err) == (0, "")
    assert "TOTAL" in said.out
    assert "Babeta ISODEC de adosar" in said.out
    assert "vista previa lista" in said.out
    pdf = tmp_path / "out" / "quotation.pdf"
    assert str(pdf) in said.out
    assert first_page(pdf.read_bytes())[1] >= 1
    assert (tmp_path / "out" / "preview.png").read_bytes().startswith(b"\x89PNG")

    kept = mcp_tasks("list", "--json", "--data-dir", tmp_path / "out" / "data").json["tasks"]
    assert [task["status"] for task in kept] == ["completed", "completed"]


@pytest.mark.parametrize(
    ("variable", "logged"), [("COMPANY_FILE", "there is no file nowhere"), ("LANGUAGE", "Input should be 'es' or 'en'")]
)
def test_a_demo_whose_server_fails_says_so_in_a_line(tmp_path: Path, variable: str, logged: str) -> None:
    said = mcp_tasks("demo", "--output", tmp_path, **{f"MCP_TASKS_{variable}": "nowhere"})

    assert said.code == 1
    assert "what it said is in" in said.err
    assert len(said.err.splitlines()) == 1
    assert logged in (tmp_path / "server.log").read_text(encoding="utf-8")


def test_a_demo_that_cannot_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = mcp_tasks("demo", "--output", tmp_path / "file")

    assert said.code == 1
    assert "name another --output" in said.err
