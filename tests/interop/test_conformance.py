"""The official conformance suite finds nothing to object to. There is no list of expected failures."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Tally
from tests.interop.installed import Installed, ran
from tests.interop.musts import MUSTS

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

# What the suite itself does not check: it says that the scenario waits to be written anew.
NOT_WRITTEN_YET = {"tasks-status-notifications"}


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_every_scenario_of_a_revision_passes(
    revision: str, others: Installed, everything: str, tally: Tally, home: Path, tmp_path: Path
) -> None:
    """Also those that the suite runs without scoring them: the tasks, and what came after the revision."""
    results = tmp_path / "results"
    options = ["--requirements", revision, "--output-dir", str(results)]
    ended = ran(others.command("conformance", "server", "--url", everything, *options), home=home, seconds=240)

    checks = _checks(results)
    wanted = _scenarios(others, home, revision)
    outcomes = Counter(check["status"] for found in checks.values() for check in found)
    tally.add(f"conformance {revision}", scenarios=len(checks), passed=outcomes["SUCCESS"], failed=outcomes["FAILURE"])
    tally.add(f"conformance {revision}", warnings=outcomes["WARNING"], skipped=outcomes["SKIPPED"])
    assert set(checks) == wanted, ended.stdout + ended.stderr
    assert _objections(checks) == []
    skipped = {name for name, found in checks.items() if any(check["status"] == "SKIPPED" for check in found)}
    assert skipped <= NOT_WRITTEN_YET


def test_the_suite_has_the_scenarios_that_our_list_of_demands_names(others: Installed, home: Path) -> None:
    named = {must.scenario for must in MUSTS if must.scenario}

    assert named <= _scenarios(others, home, "2026-07-28")


def _scenarios(others: Installed, home: Path, revision: str) -> set[str]:
    """What the suite lists for servers of a revision: what it requires, and what it runs besides."""
    listed = ran(others.command("conformance", "list", "--requirements", revision), home=home).stdout
    required = listed.partition("\nServer scenarios")[2].partition("\nClient scenarios")[0]
    names = re.findall(r"^ +- ([\w-]+)$", required, re.MULTILINE)
    return {*names, *re.findall(r"^ +- ([\w-]+) \[server\]$", listed, re.MULTILINE)}


def _checks(results: Path) -> dict[str, list[dict[str, Any]]]:
    """The checks of each scenario, from the folders that the suite wrote."""
    return {
        re.sub(r"^server-|-\d{4}-\d\d-\d\dT.*$", "", file.parent.name): json.loads(file.read_text(encoding="utf-8"))
        for file in results.glob("*/checks.json")
    }


def _objections(checks: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [
        f"{scenario}: {check['id']}: {check['status']}: {check.get('errorMessage')}"
        for scenario, found in sorted(checks.items())
        for check in found
        if check["status"] in {"FAILURE", "WARNING"}
    ]
