"""The TypeScript SDK v1 finds the tasks of 2025-11-25, as VS Code and other hosts of its age do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Tally
from tests.interop.installed import FOLDER, Installed, ran
from tests.interop.processes import product_over_stdio
from tests.server.serving import ROOF

pytestmark = [pytest.mark.interop, pytest.mark.timeout(120)]

Call = tuple[str, str, dict[str, Any]]
Follow = Callable[..., dict[str, Any]]

_CLIENT = Path(__file__).with_name("old_tasks.mjs")


@pytest.fixture
def follow(others: Installed, home: Path, tally: Tally) -> Follow:
    """What the SDK's client tells of calls, one after the other over one connection."""

    def follow(suite: str, target: str, *calls: Call) -> dict[str, Any]:
        ended = ran([others.node, str(_CLIENT), str(FOLDER), target, json.dumps(calls)], home=home)
        assert ended.returncode == 0, ended.stderr
        tally.add(f"TypeScript SDK v1, {suite}", calls=len(calls))
        return json.loads(ended.stdout)

    return follow


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_it_quotes_with_the_product_as_tasks(
    transport: str, follow: Follow, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if transport == "stdio":
        target = json.dumps(product_over_stdio(tmp_path / "data"))
    else:
        target = request.getfixturevalue("product")
    found = follow(
        f"product, {transport}",
        target,
        ("stream", "submit_bom", {"request": ROOF}),
        ("poll", "submit_quotation", {"request": ROOF, "client": {"name": "Ana"}}),
        ("stream", "submit_bom", {"request": ROOF | {"thickness_mm": 55}}),
        ("stream", "submit_bom", {"request": ROOF | {"ask_missing": True}}),
        ("cancel", "submit_bom", {"request": ROOF, "delay_seconds": 600}),
    )
    bom, quotation, refused, asked, cancelled = found["told"]

    assert found["capability"]["requests"]["tools"] == {"call": {}}
    assert bom["seen"][0] == "taskCreated"
    assert bom["result"]["structuredContent"]["result"]["totals"]["total"] == "3353.56"
    assert quotation["status"] == "completed"
    assert quotation["result"]["structuredContent"]["task_id"] == quotation["task"]
    assert quotation["result"]["_meta"]["io.modelcontextprotocol/related-task"] == {"taskId": quotation["task"]}
    assert refused["seen"] == ["error"]
    assert "55" in refused["error"]
    assert asked["result"]["structuredContent"]["result"]["span"]["span_m"] == "2.5"
    assert cancelled["status"] == "cancelled"
    if transport == "stdio":
        assert {quotation["task"], cancelled["task"]} <= set(found["listed"])
    else:
        assert found["listed"] is None  # nobody is authenticated, so nobody is shown a list


def test_it_follows_the_fixtures_tasks(follow: Follow, everything: str) -> None:
    found = follow(
        "fixture",
        everything,
        ("stream", "slow_compute", {"seconds": 0.2, "label": "sum"}),
        ("poll", "failing_job", {}),
        ("poll", "protocol_error_job", {}),
        ("stream", "confirm_delete", {"filename": "old.txt"}),
        ("cancel", "slow_compute", {"seconds": 600, "label": "never"}),
    )
    computed, failed, broke, deleted, cancelled = found["told"]

    assert computed["result"]["content"][0]["text"] == "sum: done after 0.2 s"
    assert failed["result"]["isError"]
    assert "the job broke down" in broke["error"]
    assert deleted["result"]["content"][0]["text"] == "old.txt: True"
    assert cancelled["status"] == "cancelled"
