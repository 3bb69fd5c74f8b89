"""What the registry, bundles and hosts are told describes this package as it is."""

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from mcp_tasks.app import build_server
from mcp_tasks.hosts import ADDRESS, COMMAND, http_snippets, stdio_snippets
from mcp_tasks.settings import PREFIX, Settings
from tests.server.serving import environment

ROOT = Path(__file__).parents[2]
REGISTRY: dict[str, Any] = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
BUNDLE: dict[str, Any] = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
STDIO, HTTP = REGISTRY["packages"]
COMMAND_OF_MODULE = ("-m", "mcp_tasks", "serve")


def test_all_name_the_version_that_is_installed() -> None:
    version = importlib.metadata.version("mcp-tasks")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert {project["name"], *(package["identifier"] for package in REGISTRY["packages"])} == {"mcp-tasks"}
    assert {REGISTRY["version"], STDIO["version"], HTTP["version"], BUNDLE["version"], project["version"]} == {version}


def test_the_registry_s_limits_are_kept() -> None:
    assert REGISTRY["name"].count("/") == 1
    assert len(REGISTRY["description"]) <= 100


def test_the_registry_starts_the_command_that_serves_each_transport() -> None:
    assert STDIO["transport"] == {"type": "stdio"}
    assert _typed(STDIO) == [*COMMAND[1:]]
    assert HTTP["transport"]["url"].format(port=_default(HTTP, "port")) == ADDRESS
    assert _typed(HTTP) == [*COMMAND[1:], "--transport", "http", "--port", "8000"]


def _typed(package: dict[str, Any]) -> list[str]:
    """The arguments, as the registry's clients type them."""
    return [
        word
        for argument in package["packageArguments"]
        for word in (argument.get("name"), argument.get("value", argument.get("default")))
        if word
    ]


def _default(package: dict[str, Any], hint: str) -> str:
    (value,) = [a["default"] for a in package["packageArguments"] if a.get("valueHint") == hint]
    return value


@pytest.mark.parametrize("package", [STDIO, HTTP])
def test_the_registry_s_variables_are_settings_with_their_defaults(package: dict[str, Any]) -> None:
    for variable in package["environmentVariables"]:
        field = Settings.model_fields[variable["name"].removeprefix(PREFIX).lower()]
        assert variable.get("default", field.default) == field.default


@pytest.mark.anyio
async def test_the_bundle_lists_the_server_s_tools(tmp_path: Path) -> None:
    tools = await build_server(Settings.read(data_dir=tmp_path)).list_tools()

    assert [tool["name"] for tool in BUNDLE["tools"]] == [tool.name for tool in tools]
    assert all(tool["description"] for tool in BUNDLE["tools"])


def test_the_bundle_serves_with_settings_and_their_defaults() -> None:
    config = BUNDLE["server"]["mcp_config"]

    assert config["args"][-len(COMMAND) :] == [*COMMAND]
    for variable, value in config["env"].items():
        option = BUNDLE["user_config"][value.removeprefix("${user_config.").removesuffix("}")]
        assert option["default"] == Settings.model_fields[variable.removeprefix(PREFIX).lower()].default


@pytest.mark.anyio
async def test_what_hosts_are_told_starts_the_server(tmp_path: Path) -> None:
    claude, code, _ = stdio_snippets((sys.executable, *COMMAND_OF_MODULE))
    (told,) = json.loads(claude.text)["mcpServers"].values()
    assert json.loads(code.text) == {"servers": {"panelin": {"type": "stdio", **told}}}

    server = StdioServerParameters(**told, env=environment(tmp_path))
    async with Client(stdio_client(server)) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == [tool["name"] for tool in BUNDLE["tools"]]


def test_the_snippets_are_printed_with_the_full_path_of_this_python() -> None:
    command = [sys.executable, "-m", "mcp_tasks.hosts"]
    printed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout

    here = (sys.executable, *COMMAND_OF_MODULE)
    assert printed == "\n".join(snippet.markdown() for snippet in (*stdio_snippets(here), *http_snippets()))


def test_the_readme_has_every_snippet_and_no_other() -> None:
    snippets = [*stdio_snippets(), *http_snippets()]
    blocks = re.findall(r"```(?:json|bash)\n(.*?)\n```", README, re.DOTALL)

    assert [snippet.where for snippet in snippets if snippet.markdown() not in README] == []
    told = [block for block in blocks if re.search(r'"(mcpS|s)ervers"|claude mcp add', block)]
    assert set(told) == {snippet.text for snippet in snippets}
