"""Processes race for the next version of the knowledge, and die while they make one: it is the old one or the new."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.crash.campaign import SECONDS, amount
from tests.crash.power_loss import ForgetfulFolder
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


def restored(left: Mapping[str, bytes | None], folder: Path) -> KnowledgeVersions:
    """The versions of what a power cut left."""
    folder.mkdir()
    for name, content in left.items():
        if content is None:
            (folder / name).mkdir(exist_ok=True)
        else:
            (folder / name).write_bytes(content)
    return KnowledgeVersions(folder / "knowledge")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds files by their descriptors in /proc")
def test_a_power_cut_leaves_the_old_version_or_the_new_and_what_was_told_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    disk = ForgetfulFolder(data)
    cuts: list[dict[str, bytes | None]] = []

    def fsync(descriptor: int) -> None:
        disk.fsync(descriptor)
        cuts.append(disk.after_cut())

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        for number, price in enumerate(("50", "51")):
            KnowledgeVersions(data / "knowledge").publish(set_price(price), base=number, by="me", what="", at=0)
            cuts.append(disk.after_cut())

    prices = [price_of(restored(cut, tmp_path / str(n))) for n, cut in enumerate(cuts)]
    told = len(cuts) // 2
    assert set(prices) == {"41.15", "50", "51"}
    assert prices == sorted(prices)
    assert (prices[told - 1], prices[-1]) == ("50", "51")
