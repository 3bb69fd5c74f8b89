"""All checks of a knowledge folder, and what they came to."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.validation import coverage, files, golden, identity, pricing, ranges, shape, spelling
from mcp_tasks.quotation.validation.finding import Finding, error, warning
from mcp_tasks.quotation.validation.report import PACKAGE_HAS_CHANGED, KnowledgeReport, report
from mcp_tasks.quotation.validation.subject import Subject, subject

_CHECKS: tuple[Callable[[Subject], Iterable[Finding]], ...] = (
    shape.unreadable_fields,
    shape.tax_rates,
    identity.duplicate_products,
    identity.names_owned_twice,
    identity.ambiguous_products,
    identity.price_lists_that_fit,
    spelling.names_too_alike,
    spelling.misspelt_kinds,
    coverage.missing_kinds,
    coverage.systems_without_panels,
    coverage.unresolved_lines,
    pricing.lists_of_the_future,
    pricing.stale_list,
    pricing.sudden_changes,
    pricing.prices_not_rising,
    ranges.measures_out_of_range,
    ranges.spans_not_rising,
    golden.changed_quotations,
)


def validate(
    folder: Path,
    as_of: datetime.date,
    now: datetime.datetime,
    before: Path | None = None,
    hides_the_package: int | None = None,
) -> KnowledgeReport:
    """Check everything; `before` is the folder of what this is a change of, whose prices are compared with these.

    `hides_the_package` is the number of the version that this is, where the package brings newer data than those that
    it was made from. Nothing that stands in the folders raises. It takes some tenths of a second.
    """
    contents = files.contents(folder)
    earlier = None if before is None else files.parsed(files.contents(before))
    found = [*_found(folder, files.parsed(contents), as_of, earlier), *_hidden(hides_the_package)]
    return report(found, files.digest(contents), as_of, now)


def _hidden(version: int | None) -> Iterator[Finding]:
    if version is not None:
        yield warning(
            PACKAGE_HAS_CHANGED,
            "version.json#packaged",
            f"the package brings newer data than version {version} was made from, and they are not in force. To take "
            "them over: mcp-tasks kb rollback, again until it says that it is back to version 0, and import or sync "
            "your own prices anew; where it finds no earlier version, move the folder knowledge/versions away first",
            value=version,
            expected="a version that was made from what the package ships",
        )


def _found(folder: Path, raw: files.Files, today: datetime.date, before: files.Files | None) -> Iterator[Finding]:
    known, refusal = _loaded(folder)
    checked, errors = subject(raw, known, today, before), 0
    for finding in (*raw.findings, *(found for check in _CHECKS for found in check(checked))):
        errors += finding.level == "error"
        yield finding
    if refusal and not errors:  # no check found it, but a folder that cannot be used is never called ok
        yield error("schema", ".", refusal.removeprefix(f"{folder}/"))


def _loaded(folder: Path) -> tuple[knowledge.Knowledge | None, str]:
    """What the files say, or why the loader refuses them."""
    try:
        return knowledge.load(folder), ""
    except KnowledgeError as refusal:
        return None, str(refusal)
