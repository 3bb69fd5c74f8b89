"""What the checks of a knowledge folder came to."""

import datetime
from collections import Counter
from collections.abc import Iterable

from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.validation.finding import Finding, Status, status_of

PACKAGE_HAS_CHANGED = "package_has_changed"
"""The code of the one finding that comes from elsewhere than the files whose digest a report has."""


class KnowledgeReport(Model):
    """What was found, errors first; `counts` by code counts all, of which `findings` may be the first ones.

    `digest` is that of the files. Ages are those of the day `as_of`. `skipped`: the files are those that were checked
    at `checked_at` (ISO 8601, UTC), and this is what was found then.
    """

    status: Status
    errors: int
    warnings: int
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    digest: str
    as_of: datetime.date
    checked_at: datetime.datetime
    skipped: bool = False

    def first(self, most: int) -> "KnowledgeReport":
        """With so many findings at most; the counts stay."""
        return self.model_copy(update={"findings": self.findings[:most]})

    def says_as(self, other: "KnowledgeReport") -> bool:
        """Whether the same was found in the same files, whenever that was."""
        moments = {"as_of", "checked_at", "skipped"}
        return self.model_dump(exclude=moments) == other.model_dump(exclude=moments)


def report(
    findings: Iterable[Finding], digest: str, as_of: datetime.date, checked_at: datetime.datetime
) -> KnowledgeReport:
    """The findings counted and in order."""
    found = sorted(findings, key=lambda finding: finding.level)
    levels = Counter(finding.level for finding in found)
    return KnowledgeReport(
        status=status_of(found),
        errors=levels["error"],
        warnings=levels["warning"],
        counts=dict(Counter(finding.code for finding in found)),
        findings=tuple(found),
        digest=digest,
        as_of=as_of,
        checked_at=checked_at,
    )
