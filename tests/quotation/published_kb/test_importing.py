"""An import is a version of its own, which is checked first and can be rolled back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mcp_tasks.errors import InvalidRequest, KnowledgeError, VersionConflict
from mcp_tasks.quotation.published_kb.importing import check_id, publish
from mcp_tasks.quotation.versions import KnowledgeVersions, Version
from tests.quotation.published_kb import publishing

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def versions(tmp_path: Path) -> KnowledgeVersions:
    return KnowledgeVersions(tmp_path / "knowledge")


def _imported(versions: KnowledgeVersions, files: Path, base: int = 0) -> Version:
    return publish(versions, publishing.proposed(files).prices, base=base, by="ana", now=NOW)


def test_the_list_stands_beside_the_others_and_is_gone_after_a_rollback(
    tmp_path: Path, versions: KnowledgeVersions
) -> None:
    before = versions.knowledge()

    _imported(versions, publishing.publish(tmp_path / "files"))

    after = versions.knowledge()
    assert [prices.id for prices in after.price_lists] == ["bmc-2026-08", "published-2026-03", "bmc-2026-02"]
    assert after.price_list("published-2026-03") == publishing.proposed(tmp_path / "files").prices
    (info,) = versions.history()
    assert (info.number, info.by, info.at) == (1, "ana", NOW.timestamp())
    assert "published-2026-03" in info.what
    versions.roll_back(by="ana", at=0)
    assert versions.knowledge() == before


def test_a_list_that_would_be_quoted_from_and_lacks_prices_is_not_published(
    tmp_path: Path, versions: KnowledgeVersions
) -> None:
    newest = publishing.publish(tmp_path / "files", date="2026-08-20")

    with pytest.raises(KnowledgeError, match="has no price"):
        _imported(versions, newest)

    assert versions.current().number == 0


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(tmp_path: Path, versions: KnowledgeVersions) -> None:
    files = publishing.publish(tmp_path / "files")
    _imported(versions, files)

    with pytest.raises(VersionConflict):
        _imported(versions, files, base=0)


@pytest.mark.parametrize("list_id", ["", "../up", "A", "a/b", ".hidden", "x" * 41, "list 1", "new\n"])
def test_an_id_that_is_no_name_of_a_file_is_refused(list_id: str) -> None:
    with pytest.raises(InvalidRequest):
        check_id(list_id, [])


def test_a_list_is_never_overwritten() -> None:
    check_id("bmc-2026-09", ["bmc-2026-08"])
    with pytest.raises(InvalidRequest, match="already"):
        check_id("bmc-2026-08", ["bmc-2026-08"])
