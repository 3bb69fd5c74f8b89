"""FastMCP's client follows our tasks on its own, and gets what a call without tasks would have got."""

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

Call = tuple[str, str, dict[str, Any]]
Outcomes = Callable[..., list[dict[str, Any]]]

_CLIENT = Path(__file__).with_name("fastmcp_client.py")


@pytest.fixture
def outcomes(others: Installed, home: Path, tally: Tally) -> Outcomes:
    """What FastMCP's client tells of calls, one after the other over one connection."""

    def outcomes(suite: str, target: str, *calls: Call) -> list[dict[str, Any]]:
        ended = ran([str(others.python), str(_CLIENT), target, json.dumps(calls)], home=home)
        assert ended.returncode == 0, ended.stderr
        tally.add(f"FastMCP, {suite}", calls=len(calls))
        return json.loads(ended.stdout)

    return outcomes


def test_it_follows_the_fixtures_tasks(outcomes: Outcomes, everything: str) -> None:
    greeting, computed, failed, broke, deleted, both, greeted, cancelled = outcomes(
        "fixture",
        everything,
        ("call", "greet", {"name": "Ana"}),
        ("task", "slow_compute", {"seconds": 0.2, "label": "sum"}),
        ("call", "failing_job", {}),
        ("call", "protocol_error_job", {}),
        ("call", "confirm_delete", {"filename": "old.txt"}),
        ("task", "multi_input", {}),
        ("call", "test_tool_with_task", {}),
        ("cancel", "slow_compute", {"seconds": 600, "label": "never"}),
    )

    assert greeting["text"] == "Hello, Ana!"
    assert computed["text"] == "sum: done after 0.2 s"
    assert "this job always fails" in failed["error"]
    assert "the job broke down" in broke["error"]
    assert deleted["text"] == "old.txt: True"
    assert both["text"] == "Ana: True"
    assert greeted["text"] == "Hello, Ana!"
    assert cancelled["status"] == "cancelled"


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_it_quotes_with_the_product(
    transport: str, outcomes: Outcomes, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if transport == "stdio":
        target = json.dumps(product_over_stdio(tmp_path / "data"))
    else:
        target = request.getfixturevalue("product")
    bom, quotation, refused, asked, found = outcomes(
        f"product, {transport}",
        target,
        ("task", "submit_bom", {"request": ROOF}),
        ("call", "submit_quotation", {"request": ROOF, "client": {"name": "Ana"}}),
        ("call", "submit_bom", {"request": ROOF | {"thickness_mm": 55}}),
        ("call", "submit_bom", {"request": ROOF | {"ask_missing": True}}),
        ("call", "task_list", {"limit": 3}),
    )

    assert bom["structured"]["task_id"] == bom["task"]
    assert bom["structured"]["result"]["totals"]["total"] == "3353.56"
    assert [link.rpartition("/")[2] for link in quotation["links"]] == ["preview.png", "quotation.pdf"]
    assert "55" in refused["error"]
    assert asked["structured"]["result"]["span"]["span_m"] == "2.5"
    tasks = found["structured"]["tasks"]
    assert [task["status"] for task in tasks] == ["completed"] * 3
    assert tasks[2]["task_id"] == bom["task"]
