"""What a report says as a whole, and the worked quotations it is checked with."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from mcp_tasks.quotation.knowledge import SHIPPED
from mcp_tasks.quotation.validation.check import validate
from mcp_tasks.quotation.validation.files import contents, digest
from tests.quotation.damaging import LIST, copy, put

GOLDEN = Path(__file__).parents[1] / "golden_quotes.json"
DAY, NOW = date(2026, 9, 1), datetime(2026, 9, 1, 12, tzinfo=UTC)


def _digest(folder: Path) -> str:
    return digest(contents(folder))


def test_errors_come_before_warnings_and_all_are_counted(tmp_path: Path) -> None:
    folder = copy(tmp_path / "knowledge")
    put(folder / LIST, "rows.0.price", "0")

    report = validate(folder, DAY, NOW)

    levels = [finding.level for finding in report.findings]
    assert levels == sorted(levels)
    assert (report.errors, report.warnings) == (levels.count("error"), levels.count("warning"))
    assert sum(report.counts.values()) == len(levels)
    few = report.first(2)
    assert (few.findings, few.counts) == (report.findings[:2], report.counts)


def test_the_digest_is_that_of_the_files_wherever_they_are(tmp_path: Path) -> None:
    folder = copy(tmp_path / "knowledge")
    assert _digest(folder) == _digest(SHIPPED)

    before = _digest(folder)
    put(folder / LIST, "rows.0.price", "41.16")
    assert _digest(folder) != before
    put(folder / LIST, "rows.0.price", "41.15")
    changed = _digest(folder)
    (folder / LIST).rename(folder / "price-lists/bmc-2026-09.json")
    assert _digest(folder) != changed


def test_the_shipped_worked_quotations_are_those_of_the_golden_file() -> None:
    shipped: Any = json.loads((SHIPPED / "golden.json").read_text(encoding="utf-8"))
    golden: Any = json.loads(GOLDEN.read_text(encoding="utf-8"))

    assert golden["about"]["price_list"].startswith(shipped["price_list"])
    for quote, worked in zip(shipped["quotes"], golden["quotes"], strict=True):
        sums = dict(worked["totals"])
        sums["total"] = sums.pop("total_tax_included")
        assert quote == {name: worked[name] for name in ("id", "title_es", "input")} | {"totals": sums}
