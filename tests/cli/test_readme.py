"""What the README says is so."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer import Typer

from mcp_tasks.app import build_server
from mcp_tasks.cli import app
from mcp_tasks.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> set[str]:
    """What stands in backticks at the beginning of each row of a section's table."""
    return set(re.findall(r"^\| `(\w+)", section(title), re.MULTILINE))


def test_the_samples_run(tmp_path: Path) -> None:
    samples = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    outputs: list[str] = []
    for sample in samples:
        (tmp_path / "sample.py").write_text(sample)
        command = [sys.executable, "sample.py"]  # without input: a server ends at once
        ended = subprocess.run(command, cwd=tmp_path, input="", capture_output=True, text=True, check=True)
        outputs.append(ended.stdout)

    assert outputs == ["completed 42\n", ""]


def test_every_link_leads_somewhere_and_every_named_test_exists() -> None:
    for text, target in re.findall(r"\[([^\]]+)\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).is_file(), target
        if text.startswith("`test_"):
            assert f"def {text.strip('`')}(" in (ROOT / target).read_text(encoding="utf-8"), text


@pytest.mark.anyio
async def test_the_tools_are_those_of_the_server(tmp_path: Path) -> None:
    tools = await build_server(Settings.read(data_dir=tmp_path)).list_tools()

    assert first_cells("Tools") == {tool.name for tool in tools}


def commands_of(group: Typer) -> set[str]:
    """The names of its commands."""
    return {command.name or getattr(command.callback, "__name__", "") for command in group.registered_commands}


def test_the_commands_are_those_of_the_command_line() -> None:
    groups = [info.typer_instance for info in app.registered_groups if info.typer_instance]
    names = {str(group.info.name) for group in groups}

    assert first_cells("Command line") == commands_of(app) | names
    for group in groups:
        told = set(re.findall(rf"`{group.info.name} (\w+)", section("Command line")))
        assert told == commands_of(group)


def test_the_variables_are_those_of_the_settings() -> None:
    assert first_cells("Configuration") == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_the_registry_finds_its_name() -> None:
    manifest = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))

    assert f"mcp-name: {manifest['name']} " in README
