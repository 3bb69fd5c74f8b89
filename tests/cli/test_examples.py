"""Every example runs as it is written, as a process of its own."""

import subprocess
import sys
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import TextContent

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, folder: Path) -> str:
    """What an example prints."""
    command = [sys.executable, str(EXAMPLES / name)]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def test_the_quickstart_prints_its_result(tmp_path: Path) -> None:
    assert run("quickstart.py", tmp_path).endswith("it is completed: 42\n")


def test_the_scheduled_tasks_run(tmp_path: Path) -> None:
    out = run("scheduled.py", tmp_path)

    assert "a beat at" in out
    assert "the report, now: all is well" in out
    assert "nightly_report: cron 0 2 * * * (America/Montevideo)" in out


def test_the_process_function_leaves_its_file(tmp_path: Path) -> None:
    out = run("process_function.py", tmp_path)

    assert "completed: 17984 primes" in out
    file = tmp_path / out.splitlines()[-1].removeprefix("its file: ")
    assert file.read_text() == "17984 primes below 200000\n"


def test_a_server_of_ones_own_starts_a_report_and_hands_it_over(tmp_path: Path) -> None:
    async def ask_for_a_report() -> str:
        server = StdioServerParameters(command=sys.executable, args=[str(EXAMPLES / "own_server.py")], cwd=tmp_path)
        async with Client(stdio_client(server)) as client:
            started = (await client.call_tool("start_report", {"topic": "roofs"})).content[0]
            assert isinstance(started, TextContent)
            report = (await client.call_tool("get_report", {"task_id": started.text})).content[0]
            assert isinstance(report, TextContent)
            return report.text

    assert anyio.run(ask_for_a_report) == "Three pages about roofs."


def test_durable_tools_ask_and_are_followed_to_their_result(tmp_path: Path) -> None:
    out = run("durable_tools.py", tmp_path)

    assert "How many columns?" in out
    assert out.endswith("three pages about roofs, in 2 columns\n")


def test_every_example_is_tested() -> None:
    tested = Path(__file__).read_text()

    names = [path.name for path in EXAMPLES.glob("*.py")]
    assert names
    assert [name for name in names if f'"{name}"' not in tested] == []
