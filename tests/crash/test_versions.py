"""Processes race for the next version of the knowledge, and die while they make one: it is the old one or the new."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.crash.campaign import SECONDS, amount
from tests.quotation.changing import STEPS, price_of, set_price

pytestmark = pytest.mark.timeout(SECONDS)
RACES = amount(short=3, long=100)


def publisher(folder: Path, price: str, *step: str) -> "subprocess.Popen[str]":
    """A process that waits for its start."""
    command = [sys.executable, "-m", "tests.quotation.changing", str(folder), price, *step]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("race", range(RACES))
def test_of_two_processes_that_publish_at_once_one_wins_and_the_other_is_told(tmp_path: Path, race: int) -> None:
    with publisher(tmp_path / "knowledge", "50") as one, publisher(tmp_path / "knowledge", "51") as other:
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = {"50": one.communicate()[0], "51": other.communicate()[0]}

    assert sorted(said.values()) == ["1", "conflict"]
    versions = KnowledgeVersions(tmp_path / "knowledge")
    assert versions.current().number == 1
    assert said[price_of(versions)] == "1"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", STEPS)
def test_a_publisher_that_dies_leaves_the_old_version_or_the_new_and_no_litter(tmp_path: Path, step: str) -> None:
    folder = tmp_path / "knowledge"
    with publisher(folder, "50", step) as process:
        process.communicate("\n")
    assert process.returncode == -signal.SIGKILL, "it did not come to the step"

    versions = KnowledgeVersions(folder)
    number = versions.current().number
    assert number == (1 if step in {"renamed", "told"} else 0)
    assert price_of(versions) == ("50" if number else "41.15")

    versions.publish(set_price("52"), base=number, by="me", what="", at=0)
    assert price_of(versions) == "52"
    assert {path.name for path in folder.iterdir()} == {"versions", "publishing.lock"}
