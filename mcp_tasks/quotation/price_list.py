"""A price list: what each SKU costs, and whether that includes the tax."""

import datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_tasks.quotation.bom import PriceListInfo
from mcp_tasks.quotation.catalog_query import ItemPrice
from mcp_tasks.quotation.fields import Model, Number
from mcp_tasks.quotation.terms import Unit
from mcp_tasks.quotation.totals import VAT_RATE

_STALE_AFTER_DAYS = 60


def is_stale(date: datetime.date, today: datetime.date) -> bool:
    """Whether prices of that day have to be confirmed."""
    return (today - date).days > _STALE_AFTER_DAYS


class PriceRow(Model):
    """One price per unit, up to four decimals; `estimated` when it was carried over from another list."""

    sku: str
    price: Annotated[Number, Field(gt=0, le=1_000_000, decimal_places=4)]
    unit: Unit
    source: str
    estimated: bool = False


class PriceList(Model):
    """Prices of one day. `tax_included` says how to read them; it is never guessed."""

    schema_version: Literal[1]
    id: Annotated[str, Field(min_length=1, max_length=40)]
    label_es: str
    date: datetime.date
    currency: Literal["USD"]
    tax_included: bool
    tax_rate: Number
    source: str
    note: str
    rows: tuple[PriceRow, ...]

    def price(self, sku: str) -> Decimal | None:
        """The price of one unit, or None when the list has none."""
        row = self.row(sku)
        return None if row is None else row.price

    def row(self, sku: str) -> PriceRow | None:
        """The whole row of an SKU, or None when the list has none."""
        return self._rows.get(sku)

    def item_price(self, sku: str, today: datetime.date) -> ItemPrice | None:
        """The price of one unit as the catalog shows it, or None when the list has none."""
        row = self.row(sku)
        return row and ItemPrice(
            unit_price=row.price,
            currency=self.currency,
            tax_included=self.tax_included,
            price_list=self.id,
            date=self.date,
            stale=self.info(today).stale,
            estimated=row.estimated,
        )

    def info(self, today: datetime.date) -> PriceListInfo:
        """The list as results name it; stale when it is more than 60 days old."""
        age = (today - self.date).days
        return PriceListInfo(id=self.id, date=self.date, age_days=age, stale=is_stale(self.date, today))

    @cached_property
    def _rows(self) -> dict[str, PriceRow]:
        return {row.sku: row for row in self.rows}

    @model_validator(mode="after")
    def _the_tax_is_the_one_of_quotations(self) -> Self:
        if self.tax_rate != VAT_RATE:
            raise ValueError(f"tax_rate must be {VAT_RATE}: every total is calculated with it")
        return self

    @model_validator(mode="after")
    def _one_price_per_sku(self) -> Self:
        seen: set[str] = set()
        for row in self.rows:
            if row.sku in seen:
                raise ValueError(f"two prices for {row.sku}")
            seen.add(row.sku)
        return self
