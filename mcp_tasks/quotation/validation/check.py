"""All checks of a knowledge folder, and what they came to."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.validation import coverage, files, golden, identity, pricing, ranges, shape
from mcp_tasks.quotation.validation.finding import Finding, Status, error, status_of
from mcp_tasks.quotation.validation.subject import Subject, subject

MOST_FINDINGS = 200

_CHECKS: tuple[Callable[[Subject], Iterable[Finding]], ...] = (
    shape.unreadable_fields,
    shape.tax_rates,
    identity.duplicate_products,
    identity.names_owned_twice,
    identity.ambiguous_products,
    identity.price_lists_that_fit,
    coverage.missing_kinds,
    coverage.systems_without_panels,
    coverage.unresolved_lines,
    pricing.stale_list,
    pricing.sudden_changes,
    pricing.prices_not_rising,
    ranges.measures_out_of_range,
    golden.changed_quotations,
)


class KnowledgeReport(Model):
    """What was found in a knowledge folder: errors first, the first 200 of them all; `counts` by code count them all.

    `digest` is that of the files. `skipped`: they are those of the last time, and so are the findings of `checked_at`
    (ISO 8601, UTC).
    """

    status: Status
    errors: int
    warnings: int
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    digest: str
    checked_at: datetime.datetime
    skipped: bool = False


def digest_of(folder: Path) -> str:
    """What `KnowledgeReport.digest` would be now; costs the reading of some small files."""
    return files.digest(files.contents(folder))


def validate(folder: Path, now: datetime.datetime, today: datetime.date) -> KnowledgeReport:
    """Check everything. Nothing that stands in the folder raises; it takes some tenths of a second."""
    contents = files.contents(folder)
    return report(_found(folder, files.parsed(contents), today), files.digest(contents), now)


def report(findings: Iterable[Finding], digest: str, now: datetime.datetime) -> KnowledgeReport:
    """The findings counted, errors first."""
    found = sorted(findings, key=lambda finding: finding.level)
    levels = Counter(finding.level for finding in found)
    return KnowledgeReport(
        status=status_of(found),
        errors=levels["error"],
        warnings=levels["warning"],
        counts=dict(Counter(finding.code for finding in found)),
        findings=tuple(found[:MOST_FINDINGS]),
        digest=digest,
        checked_at=now,
    )


def _found(folder: Path, raw: files.Files, today: datetime.date) -> Iterator[Finding]:
    checked = subject(raw, today)
    errors = 0
    for finding in (*raw.findings, *(found for check in _CHECKS for found in check(checked))):
        errors += finding.level == "error"
        yield finding
    if not errors:
        yield from _refused(folder)


def _refused(folder: Path) -> Iterator[Finding]:
    """What the loader refuses although no check found it: a folder that cannot be used is never called ok."""
    try:
        knowledge.load(folder)
    except KnowledgeError as refusal:
        yield error("schema", ".", str(refusal).removeprefix(f"{folder}/"))
