"""The check of a version: against the one that it is a change of, and against what the package ships."""

import datetime

from mcp_tasks.quotation.validation.check import validate
from mcp_tasks.quotation.validation.report import KnowledgeReport
from mcp_tasks.quotation.versions import KnowledgeVersions, Version


def validate_version(
    versions: KnowledgeVersions, version: Version, today: datetime.date, now: datetime.datetime
) -> KnowledgeReport:
    """What `validate` says of it."""
    base = versions.base_of(version)
    hides = version.number if versions.hides_the_package(version) else None
    return validate(version.folder, today, now, base.folder if base else None, hides)
