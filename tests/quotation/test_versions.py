"""The knowledge changes in versions: whole, one after the other, and each can be undone."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from mcp_tasks.errors import InvalidRequest, KnowledgeBusy, KnowledgeError, VersionConflict
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.versions import KEPT, KnowledgeVersions
from tests.quotation.changing import make_older, price_of, set_price


@pytest.fixture
def versions(tmp_path: Path) -> KnowledgeVersions:
    """Those of a folder that is not there yet."""
    return KnowledgeVersions(tmp_path / "data" / "knowledge")


def publish(versions: KnowledgeVersions, price: str, base: int | None = None) -> int:
    """Publish a price of ISDEC100; the version's number."""
    current = versions.current().number if base is None else base
    return versions.publish(set_price(price), base=current, by="ana", what=f"costs {price}", at=100.0 + current).number


def test_before_anything_is_published_the_knowledge_is_what_the_package_ships(versions: KnowledgeVersions) -> None:
    assert versions.knowledge() is knowledge.load()
    assert versions.current().number == 0
    assert versions.history() == ()


def test_what_is_published_is_in_force_and_says_who_made_it(versions: KnowledgeVersions) -> None:
    shipped = versions.knowledge()

    assert publish(versions, "50") == 1
    assert price_of(versions) == "50"
    assert versions.knowledge().catalog == shipped.catalog
    (made,) = versions.history()
    assert made.model_dump() == {
        "number": 1,
        "by": "ana",
        "what": "costs 50",
        "at": 100,
        "base": 0,
        "undoes": None,
        "packaged": knowledge.shipped_digest(),
    }


def test_the_version_that_another_is_a_change_of_is_told(versions: KnowledgeVersions) -> None:
    shipped = versions.current()
    assert versions.base_of(shipped) is None

    publish(versions, "50")
    first = versions.current()
    publish(versions, "51")

    assert versions.base_of(versions.current()) == first
    assert versions.base_of(first) == shipped


def test_another_process_quotes_with_it_from_its_next_look(versions: KnowledgeVersions, tmp_path: Path) -> None:
    other = KnowledgeVersions(tmp_path / "data" / "knowledge")
    assert price_of(other) == "41.15"

    publish(versions, "50")
    assert other.ready() is None
    assert price_of(other) == "50"


def test_as_long_as_nothing_changes_nothing_is_read_again(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    before = versions.knowledge()

    assert versions.knowledge() is before
    assert versions.ready() is before
    publish(versions, "51")
    assert versions.knowledge() is not before


def test_a_change_of_a_version_that_is_no_longer_in_force_is_refused(versions: KnowledgeVersions) -> None:
    publish(versions, "50")

    with pytest.raises(VersionConflict, match="version 0"):
        publish(versions, "51", base=0)
    assert price_of(versions) == "50"


def test_a_number_that_somebody_took_in_a_way_of_his_own_is_not_overwritten(
    versions: KnowledgeVersions, tmp_path: Path
) -> None:
    def copied_meanwhile(aside: Path) -> None:
        version = tmp_path / "data" / "knowledge" / "versions" / "000001"
        version.mkdir()
        (version / "mine").touch()

    with pytest.raises(VersionConflict):
        versions.publish(copied_meanwhile, base=0, by="ana", what="", at=0)
    assert [path.name for path in versions.current().folder.iterdir()] == ["mine"]


def test_what_cannot_be_loaded_is_not_published(versions: KnowledgeVersions, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"rows\.0\.price"):
        publish(versions, "0")
    assert versions.current().number == 0
    assert not (tmp_path / "data" / "knowledge" / "unfinished").exists()


def test_a_change_that_fails_publishes_nothing_and_the_next_can(versions: KnowledgeVersions) -> None:
    def fail(_: Path) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        versions.publish(fail, base=0, by="ana", what="", at=0)
    assert publish(versions, "50") == 1


def test_a_version_that_somebody_broke_is_named_and_no_older_one_taken(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    publish(versions, "51")
    rules = versions.current().folder / "rules.json"
    rules.write_text("{", encoding="utf-8")

    with pytest.raises(KnowledgeError, match="not JSON") as refused:
        versions.knowledge()
    assert str(rules) in str(refused.value)


def test_a_note_that_somebody_broke_is_named_beside_the_others(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    publish(versions, "51")
    note = versions.current().folder / "version.json"
    note.write_text(json.dumps({"number": 2}), encoding="utf-8")

    broken, whole = versions.history()
    assert (broken.number, whole.number) == (2, 1)
    assert "version.json: by" in broken.what
    assert whole.what == "costs 50"


@pytest.mark.parametrize("left", [["version.json"], []], ids=["no note", "nothing"])
def test_a_version_that_cannot_be_read_can_be_rolled_back(versions: KnowledgeVersions, left: list[str]) -> None:
    publish(versions, "50")
    publish(versions, "51")
    newest = versions.current()
    for file in newest.folder.glob("*.json"):
        if file.name == "version.json" or not left:
            file.unlink()
    assert versions.base_of(newest) == (1, newest.folder.with_name("000001"))

    assert versions.roll_back(by="eva", at=7).number == 3
    assert price_of(versions) == "50"
    versions.roll_back(by="eva", at=8)
    assert price_of(versions) == "41.15"


def test_what_is_no_folder_but_is_called_as_a_version_can_be_rolled_back(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    versions.current().folder.with_name("000002").touch()
    with pytest.raises(KnowledgeError, match="cannot be read"):
        versions.knowledge()

    assert versions.roll_back(by="eva", at=7).number == 3
    assert price_of(versions) == "50"


def test_rolling_back_restores_the_version_before_under_a_new_number(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    publish(versions, "51")

    assert versions.roll_back(by="eva", at=7).number == 3
    assert price_of(versions) == "50"
    newest = versions.history()[0]
    assert (newest.by, newest.at, newest.what) == ("eva", 7, "back to version 1")


def test_rolling_back_again_goes_back_another_step_and_ends_at_what_the_package_ships(
    versions: KnowledgeVersions,
) -> None:
    publish(versions, "50")
    publish(versions, "51")
    versions.roll_back(by="eva", at=1)
    versions.roll_back(by="eva", at=2)

    assert price_of(versions) == "41.15"
    with pytest.raises(InvalidRequest, match="no earlier version"):
        versions.roll_back(by="eva", at=3)
    assert versions.current().number == 4


def test_a_change_after_a_roll_back_is_undone_to_what_was_before_it(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    publish(versions, "51")
    versions.roll_back(by="eva", at=1)
    publish(versions, "52")
    versions.roll_back(by="eva", at=2)

    assert price_of(versions) == "50"


def test_a_version_that_hides_newer_data_of_the_package_is_told_and_so_are_its_changes(
    versions: KnowledgeVersions,
) -> None:
    assert not versions.hides_the_package(versions.current())
    publish(versions, "50")
    assert not versions.hides_the_package(versions.current())

    make_older(versions.current().folder)
    assert versions.hides_the_package(versions.current())
    publish(versions, "51")
    assert versions.hides_the_package(versions.current())


def test_rolling_back_to_what_the_package_ships_takes_over_its_newer_data(versions: KnowledgeVersions) -> None:
    publish(versions, "50")
    versions.roll_back(by="eva", at=1)
    make_older(versions.current().folder)
    assert versions.hides_the_package(versions.current())

    versions.roll_back(by="eva", at=2)
    assert versions.history()[0].what == "back to version 0"
    assert not versions.hides_the_package(versions.current())
    with pytest.raises(InvalidRequest, match="no earlier version"):
        versions.roll_back(by="eva", at=3)


def test_where_nothing_was_published_nothing_can_be_rolled_back(versions: KnowledgeVersions) -> None:
    with pytest.raises(InvalidRequest, match="no earlier version"):
        versions.roll_back(by="eva", at=0)


def test_the_last_twenty_versions_are_kept(versions: KnowledgeVersions) -> None:
    first = publish(versions, "50")
    for price in range(KEPT):
        publish(versions, f"{60 + price}")

    assert [info.number for info in versions.history()] == [*range(first + KEPT, first, -1)]


def test_who_slept_through_all_the_kept_versions_still_finds_the_newest(
    versions: KnowledgeVersions, tmp_path: Path
) -> None:
    sleeper = KnowledgeVersions(tmp_path / "data" / "knowledge")
    publish(versions, "50")
    assert price_of(sleeper) == "50"
    for price in range(KEPT + 2):
        publish(versions, f"{60 + price}")

    assert price_of(sleeper) == f"{60 + KEPT + 1}"


def test_what_stands_in_the_way_of_a_change_is_named(versions: KnowledgeVersions, tmp_path: Path) -> None:
    lock = tmp_path / "data" / "knowledge" / "publishing.lock"
    lock.mkdir(parents=True)

    with pytest.raises(KnowledgeError) as refused:
        publish(versions, "50")
    assert str(refused.value) == f"{lock}: cannot be read or written: Is a directory"


def test_a_change_of_a_version_from_long_ago_is_refused_though_its_number_is_free_again(
    versions: KnowledgeVersions,
) -> None:
    for price in range(KEPT + 2):
        publish(versions, f"{60 + price}")

    with pytest.raises(VersionConflict):
        publish(versions, "50", base=0)


@contextmanager
def somebody_publishing(folder: Path) -> Generator["subprocess.Popen[str]"]:
    """A process in the middle of it."""
    command = [sys.executable, "-m", "tests.quotation.holding", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "publishing\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_who_waits_for_a_stopped_process_that_publishes_is_told_in_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    with somebody_publishing(folder) as process:
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(KnowledgeBusy, match="another process") as told:
            publish(KnowledgeVersions(folder, patience_seconds=0.1), "50")
    assert str(folder / "publishing.lock") in str(told.value)

    assert publish(KnowledgeVersions(folder), "50") == 1


def test_who_waited_finds_what_the_other_published(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    with somebody_publishing(folder) as process, ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(publish, KnowledgeVersions(folder), "50", base=0)
        process.communicate()
        with pytest.raises(VersionConflict):
            waiting.result()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_whoever_may_read_and_write_the_versions_may_publish(versions: KnowledgeVersions, tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        publish(versions, "50")
    finally:
        os.umask(before)

    made = [tmp_path / "data" / "knowledge" / "publishing.lock", versions.current().folder / "rules.json"]
    assert [stat.filemode(file.stat().st_mode) for file in made] == ["-rw-rw-r--"] * 2


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(KnowledgeError, match="file/versions: cannot be read or written"):
        publish(KnowledgeVersions(tmp_path / "file"), "50")
