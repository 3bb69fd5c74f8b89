"""The quick starts of the original guide, as programs of their own (in `guide/`), and its command line."""

import subprocess
import sys
from pathlib import Path

from tests.cli.command import environment_with, filled

GUIDE = Path(__file__).parent / "guide"


def run(folder: Path, *arguments: str) -> str:
    """What a Python program prints that starts in that folder, with no word on stderr and exit code 0."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env=environment_with(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_basic_usage_prints_its_result_and_ends(tmp_path: Path) -> None:
    assert run(tmp_path, str(GUIDE / "basic_usage.py")) == "Result: 42\n"
    assert (tmp_path / "mcp_tasks.db").exists()


def test_calling_a_decorated_function_submits_a_task(tmp_path: Path) -> None:
    said = run(tmp_path, str(GUIDE / "decorators.py"))
    assert said == "generate_pdf {'quotation_id': 'Q-12345'} is pending, HIGH, 60.0 s\n"


def test_decorated_schedules_are_there_when_the_scheduler_has_started(tmp_path: Path) -> None:
    said = run(tmp_path, str(GUIDE / "scheduled_tasks.py"))
    assert said == "daily_report: cron 0 2 * * * (UTC)\nhourly_cleanup: every 3600 s\n"


def test_the_products_calls_submit_tasks_and_a_worker_makes_the_files(tmp_path: Path) -> None:
    said = run(tmp_path, str(GUIDE / "panelin.py")).splitlines()
    assert said[:2] == [
        "PDF generation task: generate_quotation_pdf, pending",
        "BOM calculation task: calculate_bom, pending",
    ]
    assert said[2].startswith("completed: {'quotation_id': 'Q-2026-001', 'revision': 1, 'pages': 1")
    assert said[2].endswith("['preview.png', 'quotation.pdf']")
    assert said[3].startswith("completed: 80.64 m2, ")


def test_without_a_queue_the_products_calls_say_what_to_write(tmp_path: Path) -> None:
    program = """
import asyncio
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.tasks import calculate_bom_async, generate_quotation_pdf

line = {"name": "Gotero", "unit_base": "unidad", "quantity": 4, "unit_price_usd": 20.77}
for call in (
    generate_quotation_pdf({"client_name": "Ana", "items": [line]}),
    calculate_bom_async("ISODEC", 100, "EPS", "techo", 12.0, 6.0),
):
    try:
        asyncio.run(call)
    except InvalidRequest as error:
        print(error)
"""
    said = run(tmp_path, "-c", program)
    for call, words in zip(("generate_quotation_pdf", "calculate_bom_async"), said.splitlines(), strict=True):
        assert words == f"call set_global_queue(queue) before {call}(...), as in set_global_queue(TaskQueue())"
    assert list(tmp_path.iterdir()) == []


def test_only_programs_that_ask_for_the_products_calls_load_and_know_them(tmp_path: Path) -> None:
    program = """
import sys
from mcp_tasks import TaskQueue
known = "calculate_bom" in TaskQueue().functions.functions()
print(known, "mcp_tasks.tasks" in sys.modules)
import mcp_tasks.app, mcp_tasks.tools.quoting
known = "calculate_bom" in TaskQueue().functions.functions()
print(known, "mcp_tasks.tasks" in sys.modules)
from mcp_tasks.tasks import calculate_bom_async
print("calculate_bom" in TaskQueue().functions.functions())
"""
    assert run(tmp_path, "-c", program).splitlines() == ["False False", "False False", "True"]


def test_the_commands_work_as_the_guide_writes_them(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    cli, on = ["-m", "mcp_tasks.cli"], ["--data-dir", str(tmp_path)]

    assert folder.delayed.id in run(tmp_path, *cli, "list", "--status", "pending", *on)
    assert "completed" in run(tmp_path, *cli, "stats", *on).lower()
    assert "PermanentError" in run(tmp_path, *cli, "status", folder.failed.id, *on)
    assert run(tmp_path, *cli, "cancel", folder.delayed.id, *on) == f"{folder.delayed.id} is cancelled.\n"
    assert run(tmp_path, *cli, "cleanup", "--hours", "24", *on) == "Deleted 0 tasks and 0 files (0 B).\n"
