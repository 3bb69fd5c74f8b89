"""The tools of the registry and of bundles accept ours, and a bundle serves where it was unpacked."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.interop.conftest import Tally
from tests.interop.installed import FOLDER, Installed, ran
from tests.interop.processes import ROOT

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]


def test_the_registry_s_linter_has_nothing_to_say(others: Installed, tmp_path: Path, home: Path, tally: Tally) -> None:
    shutil.copy(ROOT / "server.json", tmp_path)
    shutil.copy(ROOT / "README.md", tmp_path)
    ended = ran([str(others.python.with_name("skillsaw")), "lint", "--strict", str(tmp_path)], home=home)

    assert ended.returncode == 0, ended.stdout
    assert "mcp-registry" in ended.stdout
    tally.add("manifests", calls=1)


def test_the_bundle_serves_its_tools_where_a_host_unpacks_it(
    others: Installed, tmp_path: Path, home: Path, tally: Tally
) -> None:
    """As a host would: unpack, install, put the user's configuration into its command, start it."""
    unpacked = tmp_path / "unpacked"
    mcpb = others.command("mcpb", "unpack", str(ROOT / "dist" / "mcp-tasks.mcpb"), str(unpacked))
    assert ran(mcpb, home=home).returncode == 0
    manifest = json.loads((unpacked / "manifest.json").read_text(encoding="utf-8"))
    known = {f"user_config.{name}": str(option["default"]) for name, option in manifest["user_config"].items()}
    known["__dirname"] = str(unpacked)
    config = manifest["server"]["mcp_config"]
    assert config["command"] == "uv"
    uv, cache = str(others.python.with_name("uv")), str(FOLDER / "uv")
    installed = ran([uv, "sync", "--directory", str(unpacked), "--cache-dir", cache], home=home, seconds=240)
    assert installed.returncode == 0, installed.stderr

    variables = {name: _filled(value, known) for name, value in config["env"].items()}
    variables |= {"UV_CACHE_DIR": cache, "MCP_TASKS_DATA_DIR": str(tmp_path / "data")}
    command = others.command("inspector", "--cli", "--format", "json", "--quiet")
    for name, value in variables.items():
        command += ["-e", f"{name}={value}"]
    command += [uv, *(_filled(word, known) for word in config["args"])]
    ended = ran([*command, "--method", "tools/list"], home=home)

    assert ended.returncode == 0, ended.stderr
    served = [tool["name"] for tool in json.loads(ended.stdout)["result"]["tools"]]
    assert served == [tool["name"] for tool in manifest["tools"]]
    tally.add("manifests", calls=1)


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"${{{name}}}", value)
    return text
