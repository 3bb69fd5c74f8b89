"""How new prices compare with those of a list, and when they look as if the tax was counted wrongly."""

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import median
from typing import NamedTuple, Self

from mcp_tasks.quotation.fields import Model, Number
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.price_plan import change_pct, converted, tenth
from mcp_tasks.quotation.totals import VAT_RATE

LARGE_PCT = 20
_FEW = 10  # with fewer rows, one price that rises looks like a tax that was counted wrongly


class Changes(NamedTuple):
    """By how many percent prices change, exactly. Only real prices are compared, no estimated ones."""

    pcts: tuple[Decimal, ...]

    @classmethod
    def of(cls, old: PriceList, new: Mapping[str, Decimal]) -> Self:
        """From a list to prices by SKU, which are in the list's own tax basis."""
        real = (row for row in old.rows if not row.estimated and row.sku in new)
        return cls(tuple(change_pct(row.price, new[row.sku]) for row in real))

    @property
    def middle(self) -> Decimal | None:
        """The median; None where nothing can be compared."""
        return median(self.pcts) if self.pcts else None

    @property
    def large(self) -> int:
        """How many are of more than 20 %, up or down."""
        return sum(abs(pct) > LARGE_PCT for pct in self.pcts)

    def tax_is_doubtful(self, *, included: bool) -> bool:
        """Whether the prices would be nearer to the list's if their tax flag, which is `included`, were the other."""
        middle = self.middle
        if len(self.pcts) < _FEW or middle is None:
            return False
        factor = 1 + VAT_RATE if included else 1 / (1 + VAT_RATE)
        return abs((100 + middle) * factor - 100) < abs(middle)


class ComparedList(Model):
    """A new list against one that there is, in the tax basis of that one."""

    price_list: str
    date: datetime.date
    comparable: int
    median_change_pct: Number
    above_20_pct: int
    tax_is_doubtful: bool


def compared(new: PriceList, lists: Iterable[PriceList]) -> ComparedList | None:
    """Against the first of `lists` of its own tax basis, else the first, converted; None: no price is in both."""
    old = min(lists, key=lambda prices: prices.tax_included != new.tax_included, default=None)
    if old is None:
        return None
    basis = {"included": new.tax_included, "to_included": old.tax_included}
    changes = Changes.of(old, {row.sku: converted(row.price, **basis) for row in new.rows})
    middle = changes.middle
    return (
        None
        if middle is None
        else ComparedList(
            price_list=old.id,
            date=old.date,
            comparable=len(changes.pcts),
            median_change_pct=tenth(middle),
            above_20_pct=changes.large,
            tax_is_doubtful=changes.tax_is_doubtful(included=new.tax_included),
        )
    )
