"""What is sold together: roofs, walls and cold rooms, and accessories beside them or alone.

What belongs to the whole (price list, discount, freight) may be said once for the order or with any of its
requests, but not in two ways.
"""

from typing import Annotated, Self, get_args

from pydantic import Field, model_validator

from mcp_tasks.quotation.fields import Model, Money, Percent, ThicknessMm, Whole, one_of
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.terms import Core, Family

_PANEL = ("product_family", "core_type", "thickness_mm")


class AccessoryItem(Model):
    """So much of one accessory, which is named by its SKU, or by its kind and the panel that it goes with."""

    quantity: Annotated[Whole, Field(ge=1, le=10_000)] = Field(description="How many pieces, tubes or rolls")
    sku: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="As search_catalog gives it; older SKUs too"
    )
    kind: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Instead of sku, for example gotero_frontal, gotero_lateral, canalon, perfil_u"
    )
    product_family: Annotated[Family, one_of(*get_args(Family))] | None = Field(
        default=None, description="With kind: of which panel, as far as that tells products apart"
    )
    core_type: Annotated[Core, one_of(*get_args(Core))] | None = None
    thickness_mm: ThicknessMm | None = None

    @property
    def panel(self) -> dict[str, str | int]:
        """What is said of the panel that it goes with."""
        said = {name: getattr(self, name) for name in _PANEL}
        return {name: value for name, value in said.items() if value is not None}

    @model_validator(mode="after")
    def _named_in_one_way(self) -> Self:
        if (self.sku is None) == (self.kind is None):
            raise ValueError('name the accessory by its sku, or by its kind, for example {"kind": "gotero_frontal"}')
        if self.sku is not None and self.panel:
            raise ValueError(f"the sku says which product it is; leave out {', '.join(self.panel)}")
        return self


class Terms(Model):
    """What holds for a whole order."""

    price_list: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="Of the whole order; or in request"
    )
    discount_pct: Percent | None = Field(default=None, description="Of the whole order; or in request")
    shipping_usd: Money | None = Field(default=None, description="Of the whole order; or in request")


class Order(Terms):
    """What a calculation takes: requests, accessories, or both."""

    requests: Annotated[tuple[PanelRequest, ...], Field(max_length=20)] = ()
    accessories: Annotated[tuple[AccessoryItem, ...], Field(max_length=100)] = ()

    def path(self, number: int) -> str:
        """Where the request of that number (from 0) stands in a call: "request", or "requests.2" among several."""
        return "request" if len(self.requests) == 1 else f"requests.{number}"

    def field(self, number: int, name: str) -> str:
        """What results call a field of that request: "span_m", or "requests.2.span_m" among several."""
        return name if len(self.requests) == 1 else f"requests.{number}.{name}"

    @model_validator(mode="after")
    def _something_is_ordered(self) -> Self:
        if not self.requests and not self.accessories:
            raise ValueError("an order has requests, or accessories, or both")
        return self
