"""What a comparison of prices says: figures in full, and of each kind of row the first ones.

Only what is named here is ever told of a source, so that what things cost us cannot be among it.
"""

import datetime
from collections.abc import Sequence
from typing import Generic, Literal, Self, TypeAlias, TypeVar

from pydantic import Field

from mcp_tasks.quotation.fields import Model, Number
from mcp_tasks.quotation.terms import Unit

Row = TypeVar("Row", bound=Model)

SHOWN = 40
"""How many rows of a kind a report names."""

Reason: TypeAlias = Literal["unreadable", "out_of_range", "other_unit", "conflicting", "change_too_large"]
Doubt: TypeAlias = Literal["tax_flag_doubtful", "older_than_the_list", "in_the_future", "stays_stale"]


class ChangedPrice(Model):
    """A price that becomes another, or a real one where it was estimated: that is a change, but not `comparable`."""

    sku: str
    name_es: str
    unit: Unit
    old: Number
    new: Number
    change_pct: Number
    comparable: bool


class NamedPrice(Model):
    """A product with the price that it gets, or keeps."""

    sku: str
    name_es: str
    unit: Unit
    price: Number


class Unmatched(Model):
    """A row of the source whose SKU the catalog does not have; it changes nothing."""

    row: int = Field(description="Line of the file, or which of the rows")
    sku: str
    nearest: str | None


class Rejected(Model):
    """A row that is not taken. `force` takes those of change_too_large, and no other."""

    row: int = Field(description="Line of the file, or which of the rows")
    sku: str
    reason: Reason
    price: Number | None = Field(description="As it would be in the list; null where it cannot be")
    change_pct: Number | None


class ListDates(Model):
    """The list that changes: `date` is what it has after that."""

    id: str
    previous_date: datetime.date
    date: datetime.date
    tax_included: bool


class SourceInfo(Model):
    """What was compared. `left_out` rows are marked estimated there: they are no prices of that source."""

    name: str
    tax_included: bool
    rows: int
    left_out: int


class Listed(Model, Generic[Row]):
    """Rows of a kind: how many there are, the first of them, and how many more are not named."""

    count: int
    rows: tuple[Row, ...]
    more: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """All of them."""
        return cls(count=len(rows), rows=tuple(rows[:SHOWN]), more=max(0, len(rows) - SHOWN))


class PriceReport(Model):
    """A price list against a source of new prices, in the list's own tax basis."""

    price_list: ListDates
    source: SourceInfo
    conversion: str = Field(description="How the source's prices became those of the list")
    comparable: int = Field(description="Rows whose price is real, not estimated, before and after")
    median_change_pct: Number | None = Field(description="Of the comparable rows")
    above_20_pct: int = Field(description="Comparable rows that change by more, up or down")
    unchanged: int
    changed: Listed[ChangedPrice] = Field(description="Biggest change first")
    added: Listed[NamedPrice] = Field(description="Products that the list had no price for")
    removed: Listed[NamedPrice] = Field(
        description="Missing in the source: they keep their price, as an estimated one when the list's date changes"
    )
    unmatched: Listed[Unmatched]
    rejected: Listed[Rejected]
    doubts: tuple[Doubt, ...] = Field(description="To be looked into before anything is applied")
