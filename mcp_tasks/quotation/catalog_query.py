"""What a search of the catalog takes and answers. Prices are those of quotations; what things cost us is not here."""

import datetime
from typing import Annotated, get_args

from pydantic import Field

from mcp_tasks.quotation.fields import Model, Number, ThicknessMm, Whole, one_of
from mcp_tasks.quotation.terms import Family, Unit, Usage


class CatalogQuery(Model):
    """Which products, and how many; everything that is given must hold."""

    query: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="Words in Spanish, for example 'canalones 100 mm'; case, accents and plurals do not matter",
    )
    family: Annotated[Family, one_of(*get_args(Family))] | None = Field(
        default=None, description="Panels of this family, and what is used with them"
    )
    thickness_mm: ThicknessMm | None = Field(
        default=None, description="Panels of this thickness, and what is used with them"
    )
    sku: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Exactly this product, by its SKU or an older SKU"
    )
    limit: Annotated[Whole, Field(ge=1, le=100)] = Field(default=10, description="How many, 1 to 100")
    cursor: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="next_cursor of the page before, with the same other arguments"
    )


class ItemPrice(Model):
    """The price of one unit in the newest list, the one that quotations use; `stale` when it is over 60 days old."""

    unit_price: Number
    currency: str
    tax_included: bool
    price_list: str
    date: datetime.date
    stale: bool
    estimated: bool = Field(description="Carried over from another list")


class CatalogItem(Model):
    """A panel or an accessory. What does not apply is null; `price` is null where the newest list has none."""

    sku: str
    aliases: tuple[str, ...]
    kind: str = Field(description="panel, or the kind of accessory")
    name_es: str
    families: tuple[str, ...] = Field(description="Family and core; UNIVERSAL serves all")
    thickness_mm: tuple[int, ...] | None = Field(description="null: serves any")
    uses: tuple[Usage, ...] | None
    unit: Unit
    stock_length_m: Number | None
    useful_width_m: Number | None
    max_span_m: Number | None
    available: bool = Field(description="false: withdrawn, cannot be quoted")
    price: ItemPrice | None


class CatalogPage(Model):
    """Some of the products found, the best first."""

    items: tuple[CatalogItem, ...]
    found: int = Field(description="How many there are on all pages")
    next_cursor: str | None = Field(description="Pass it as cursor for more; null at the end")
    hint: str | None = Field(description="Only when nothing was found: what to change")
