"""What is asked of the price sync, and which words belong together."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias, get_args

from pydantic import BeforeValidator, Field

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.fields import Model, Number, Percent, one_of
from mcp_tasks.quotation.numbers import DOLLARS
from mcp_tasks.quotation.price_report import PriceReport
from mcp_tasks.quotation.price_rows import MAX_ROWS

Mode: TypeAlias = Literal["plan", "apply", "rollback"]

_BELONG: Mapping[Mode, frozenset[str]] = {
    "plan": frozenset({"source", "rows", "tax_included", "price_list", "date", "max_change_pct"}),
    "apply": frozenset({"digest", "force"}),
    "rollback": frozenset(),
}
_EXAMPLES: Mapping[Mode, Mapping[str, object]] = {
    "plan": {"mode": "plan", "rows": [{"sku": "ISDEC100", "price": "43.50"}], "tax_included": False},
    "apply": {"mode": "apply", "digest": "result.digest of the plan"},
    "rollback": {"mode": "rollback"},
}


class InlinePrice(Model):
    """A new price; the unit, when it is given, must be the one that the product is sold in."""

    sku: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="SKU, or an older one")
    price: Annotated[Number, BeforeValidator(DOLLARS.decimal)] = Field(description="USD for one unit")
    unit: Annotated[str, Field(max_length=40)] | None = Field(default=None, description="For example m2 or pieza")


class PriceOrder(Model):
    """What submit_price_sync takes."""

    mode: Annotated[Mode, one_of(*get_args(Mode))] = Field(
        default="plan",
        description="plan compares and changes nothing; apply does a plan; rollback undoes the last change",
    )
    source: Annotated[str, Field(min_length=1, max_length=300)] | None = Field(
        default=None, description="For plan: name of a CSV or JSON file in the server's folder of price files"
    )
    rows: Annotated[tuple[InlinePrice, ...], Field(min_length=1, max_length=MAX_ROWS)] | None = Field(
        default=None, description="For plan, instead of source: the new prices"
    )
    tax_included: bool | None = Field(
        default=None, description="For plan: whether the new prices include tax (IVA); ask the user, never guess"
    )
    price_list: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="For plan: id of the list to change; default the newest"
    )
    date: datetime.date | None = Field(
        default=None,
        description="For plan: day of the new prices; default the file's, else today if they are all of the list's",
    )
    max_change_pct: Percent = Field(
        default=Decimal(30), description="For plan: a price that changes by more is rejected"
    )
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, description="For apply: result.digest of the plan"
    )
    force: bool = Field(
        default=False, description="For apply: take what changes too much, leave out what else was rejected"
    )

    def check(self) -> Self:
        """The order itself; raises `InvalidRequest` when something is missing or belongs to another mode."""
        for name, field in type(self).model_fields.items():
            if name != "mode" and name not in _BELONG[self.mode] and getattr(self, name) != field.default:
                raise self._refusal(name, f"it does not belong to mode {self.mode}")
        if self.mode == "plan" and (self.source is None) == (self.rows is None):
            raise self._refusal("source", "give either source or rows")
        if self.mode == "apply" and self.digest is None:
            raise self._refusal("digest", "apply needs the digest of a plan; plan first, and show it to the user")
        return self

    def _refusal(self, field: str, fault: str) -> InvalidRequest:
        return InvalidRequest(f"{field}: {fault}", field=field, example=dict(_EXAMPLES[self.mode]))


class PriceSyncResult(Model):
    """What came of it. `version` is the one of the catalog and prices that is in force now."""

    mode: Mode
    version: int
    digest: str | None = Field(description="Of a plan: what apply needs")
    already_applied: bool = Field(description="There was nothing left to do")
    report: PriceReport | None = Field(description="null of a rollback")
    undone: str | None = Field(default=None, description="Of a rollback: the change that was undone")
