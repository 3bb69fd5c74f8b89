"""Take a price list over into the knowledge in force, as a version of its own that can be rolled back."""

import datetime
import re
from pathlib import Path

from mcp_tasks.errors import InvalidRequest, KnowledgeError
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.price_sync import write_list
from mcp_tasks.quotation.published_kb.proposal import Proposal
from mcp_tasks.quotation.validation.check import validate
from mcp_tasks.quotation.validation.finding import Finding
from mcp_tasks.quotation.versions import KnowledgeVersions, Version

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}", re.ASCII)


class Import(Proposal):
    """What was proposed, and the version as which it was published; None: nothing was changed."""

    version: int | None


def check_id(list_id: str, known: list[str]) -> None:
    """Raises `InvalidRequest` for an id that cannot be the name of a file, or that another list has."""
    if not _FILE_NAME.fullmatch(list_id):
        wanted = "lower-case letters, digits, dots, hyphens and underscores, up to 40"
        raise InvalidRequest(f"the id of a list is {wanted}", field="as-list", received=list_id, example="bmc-2026-02")
    if list_id in known:
        raise InvalidRequest(
            f"there is a price list {list_id} already; give another id, for lists are never overwritten",
            field="as-list",
            received=list_id,
        )


def publish(versions: KnowledgeVersions, prices: PriceList, *, base: int, by: str, now: datetime.datetime) -> Version:
    """Publish the list beside the others.

    Raises `KnowledgeError` when the knowledge would have faults with it that it has not without it, and what
    `KnowledgeVersions.publish` raises; nothing is published then.
    """

    def add(folder: Path) -> None:
        before = set(_errors(folder, now))
        write_list(folder, prices)
        new = [finding for finding in _errors(folder, now) if finding not in before]
        if new:
            more = f", and {len(new) - 1} more faults" if len(new) > 1 else ""
            raise KnowledgeError(f"the list cannot be used: {new[0].path}: {new[0].text}{more}")

    what = f"price list {prices.id} of {prices.date}, {len(prices.rows)} prices, imported"
    return versions.publish(add, base=base, by=by, what=what, at=now.timestamp())


def _errors(folder: Path, now: datetime.datetime) -> list[Finding]:
    return [finding for finding in validate(folder, now.date(), now).findings if finding.level == "error"]
