"""The inspector's command line, as a person debugs a server with it: both transports, both eras, the real product."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Tally
from tests.interop.installed import Installed, ran
from tests.interop.processes import product_over_stdio
from tests.server.serving import ROOF

pytestmark = [pytest.mark.interop, pytest.mark.timeout(120)]

Ask = Callable[..., dict[str, Any]]

_TOOL_IS_ERROR = 5  # how the inspector ends when a tool answers with an error


@pytest.fixture(params=["legacy", "modern"])
def era(request: pytest.FixtureRequest) -> str:
    """Which revision the inspector speaks."""
    return request.param


@pytest.fixture(params=["stdio", "http"])
def ask(request: pytest.FixtureRequest, era: str, others: Installed, tmp_path: Path, home: Path, tally: Tally) -> Ask:
    """Ask the product one thing, with `method` and the inspector's options; the result."""
    if request.param == "stdio":
        target = product_over_stdio(tmp_path / "data")
    else:
        target = [request.getfixturevalue("product"), "--transport", "http"]

    def ask(method: str, *options: str, exit_code: int = 0) -> dict[str, Any]:
        command = others.command("inspector", "--cli", *target, "--protocol-era", era, "--format", "json", "--quiet")
        ended = ran([*command, "--method", method, *options], home=home)
        assert ended.returncode == exit_code, ended.stderr
        tally.add(f"inspector, {request.param}, {era}", calls=1)
        return json.loads(ended.stdout)["result"]

    return ask


def test_it_lists_the_tools_and_finds_no_fault_in_their_schemas(ask: Ask) -> None:
    tools = ask("tools/list", "--strict")["tools"]

    assert {"submit_bom", "submit_quotation", "submit_pdf", "task_status"} <= {tool["name"] for tool in tools}


def test_it_gets_a_quotation_and_reads_its_picture(ask: Ask) -> None:
    arguments = json.dumps({"request": ROOF, "client": {"name": "Ana"}, "wait_seconds": 30})
    answer = ask("tools/call", "--tool-name", "submit_quotation", "--tool-args-json", arguments)

    assert answer["structuredContent"]["result"]["bom"]["totals"]["total"] == "3353.56"
    links = {part["name"]: part["uri"] for part in answer["content"] if part["type"] == "resource_link"}
    (picture,) = ask("resources/read", "--uri", links["preview.png"])["contents"]
    assert base64.b64decode(picture["blob"]).startswith(b"\x89PNG")


def test_a_refused_call_keeps_its_facts(ask: Ask) -> None:
    arguments = json.dumps({"request": ROOF | {"thickness_mm": 55}})
    answer = ask("tools/call", "--tool-name", "submit_bom", "--tool-args-json", arguments, exit_code=_TOOL_IS_ERROR)

    assert answer["isError"]
    assert answer["structuredContent"]["code"] == "thickness_not_available"


def test_it_finds_the_pages_and_reads_one(ask: Ask) -> None:
    templates = ask("resources/templates/list")["resourceTemplates"]
    pages = ask("resources/list")["resources"]
    (page,) = ask("resources/read", "--uri", "catalog://products/ISODEC")["contents"]

    assert "artifact://{task_id}/{name}" in {template["uriTemplate"] for template in templates}
    assert "catalog://products" in {page["uri"] for page in pages}
    assert "ISODEC" in page["text"]


def test_it_gets_a_prompt(ask: Ask) -> None:
    prompts = {prompt["name"] for prompt in ask("prompts/list")["prompts"]}
    request = "customer_request=Un techo de 5 por 11 m"
    (message,) = ask("prompts/get", "--prompt-name", "cotizar", "--prompt-args", request)["messages"]

    assert prompts == {"cotizar", "quote"}
    assert "Un techo de 5 por 11 m" in message["content"]["text"]
