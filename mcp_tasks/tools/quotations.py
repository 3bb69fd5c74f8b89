"""The tool that finds earlier quotations: the caller's own, from their records, which outlive tasks."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.lookup_phrases import QuotationsPhrases
from mcp_tasks.predefined.kept import QUOTATION
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.daily import quoted
from mcp_tasks.quotation.document import QuotationId
from mcp_tasks.quotation.fields import Model, Number, Whole
from mcp_tasks.repair import shown
from mcp_tasks.spelling import folded
from mcp_tasks.task import Record
from mcp_tasks.tools.earlier import under_number, unknown_number
from mcp_tasks.toolspec import ReadSpec

_ZERO = Decimal("0.00")
_AT_ONCE = 50
_MOST_SCANNED = 300
"""Records that one call looks at: about 20 KB each. A search that needs more goes on with next_cursor."""
_MOST_REVISIONS = 50


class QuotationsQuery(Model):
    """Which quotations, and how many; everything that is given must hold."""

    query: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="Words of the client's name, the title or the number; case and accents do not matter",
    )
    quotation_id: QuotationId | None = Field(
        default=None, description="Exactly this one, with its order and its revisions"
    )
    limit: Annotated[Whole, Field(ge=1, le=50)] = Field(default=10, description="How many, 1 to 50")
    cursor: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="next_cursor of the page before, with the same query"
    )


class QuotationRevision(Model):
    """One of the times that a quotation was made. `total` is with tax; null where it cannot be read any more."""

    revision: int
    date: datetime.date | None
    total: Number | None
    currency: str | None
    task_id: str


class FoundQuotation(QuotationRevision):
    """A quotation in its last revision. Of alternatives, `total` is that of the first. `order` is given by number."""

    quotation_id: str
    client: str
    title: str | None
    requests: int = Field(description="Roofs, walls and cold rooms in it; 0 for accessories or given lines alone")
    order: dict[str, Any] | None = Field(
        description="Only with quotation_id: requests, accessories and terms as submit_quotation takes them; null for "
        "given lines"
    )
    revisions: tuple[QuotationRevision, ...] = Field(description="Only with quotation_id: all, newest first")


class QuotationsPage(Model):
    """Some of the quotations, newest first. `next_cursor` may follow a page that has none: older ones are left."""

    items: tuple[FoundQuotation, ...]
    next_cursor: str | None = Field(description="Pass it as cursor for older ones; null at the end")


class _Scanned(NamedTuple):
    found: list[Record]
    last: Record | None


class QuotationsTool:
    """search_quotations."""

    def __init__(self, phrases: QuotationsPhrases) -> None:
        self._phrases = phrases

    def spec(self) -> ReadSpec:
        """The tool."""
        return ReadSpec(
            name="search_quotations",
            title=self._phrases.title,
            description=(
                "Find earlier quotations of this user, newest first: number, revision, date, client, title, total. Use "
                "it when somebody speaks of a quotation that is not in this conversation. With quotation_id it also "
                "gives the order, to be changed and sent with submit_quotation, and the revisions. To change one, "
                "submit_quotation(base_task_id=quotation_id); to send it again as it was, submit_pdf(quotation_id)."
            ),
            arguments=QuotationsQuery,
            answer=QuotationsPage,
            read=_read,
            summarise=self._phrases.page,
        )


async def _read(wanted: QuotationsQuery, queue: TaskQueue, owner: str) -> QuotationsPage:
    if wanted.quotation_id is not None:
        return QuotationsPage(items=(await _one(wanted, wanted.quotation_id, queue, owner),), next_cursor=None)
    scanned = await _scan(wanted, queue, owner)
    return QuotationsPage(
        items=tuple(_found(record) for record in scanned.found),
        next_cursor=scanned.last and scanned.last.task_id,
    )


async def _one(wanted: QuotationsQuery, number: str, queue: TaskQueue, owner: str) -> FoundQuotation:
    for name in ("query", "cursor"):
        if getattr(wanted, name) is not None:
            raise InvalidRequest(f"{name}: quotation_id is one quotation; leave {name} out", field=name)
    records = await under_number(number, queue, owner, limit=_MOST_REVISIONS)
    if not records:
        raise await unknown_number(number, queue, owner)
    return _found(records[0], records)


async def _scan(wanted: QuotationsQuery, queue: TaskQueue, owner: str) -> _Scanned:
    """The next quotations that fit, newest first; and where the search stopped, unless nothing older is left."""
    words = [folded(word) for word in (wanted.query or "").split()]
    last, scanned, found = await _start(wanted.cursor, queue, owner), 0, list[Record]()
    while scanned < _MOST_SCANNED:
        records = await queue.records(QUOTATION, owner=owner, latest=True, after=last, limit=_AT_ONCE)
        for record in records:
            if len(found) == wanted.limit:
                return _Scanned(found, last)
            last = record
            if _fits(record, words):
                found.append(record)
        if len(records) < _AT_ONCE:
            return _Scanned(found, None)
        scanned += len(records)
    return _Scanned(found, last)


async def _start(cursor: str | None, queue: TaskQueue, owner: str) -> Record | None:
    """The record after which the search goes on; a cursor is the task that left it."""
    if cursor is None:
        return None
    for record in await queue.records(QUOTATION, task_id=cursor, owner=owner, limit=1):
        return record
    raise InvalidRequest(
        f"cursor: {shown(cursor)!r} is not of this search; give next_cursor of the page before, or leave it out",
        field="cursor",
        received=shown(cursor),
    )


def _fits(record: Record, words: Sequence[str]) -> bool:
    quotation = record.content["quotation"]
    text = folded(f"{record.key} {quotation['client']['name']} {quotation.get('title', '')}")
    return all(word in text for word in words)


def _found(record: Record, revisions: Sequence[Record] = ()) -> FoundQuotation:
    """What a record says of its quotation; with its `revisions` also what was ordered."""
    content: Mapping[str, Any] = record.content
    quotation, order = content["quotation"], content.get("order", {})
    return FoundQuotation(
        **dict(_revision(record)),
        quotation_id=record.key,
        client=quotation["client"]["name"],
        title=quotation.get("title"),
        requests=len(order.get("requests", ())),
        order={name: value for name, value in order.items() if value not in ([], None)} or None if revisions else None,
        revisions=tuple(map(_revision, revisions)),
    )


def _revision(record: Record) -> QuotationRevision:
    content: Mapping[str, Any] = record.content
    sold = quoted(content)
    return QuotationRevision(
        revision=record.revision,
        date=content["quotation"].get("date"),
        total=sold and sum((share.total for share in sold.shares), _ZERO),
        currency=sold and sold.basis.currency,
        task_id=record.task_id,
    )
