"""Which product of our catalog an item is, and how sure that is."""

from dataclasses import dataclass
from typing import Literal

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.published_kb.description import Product, describes
from mcp_tasks.quotation.published_kb.item import PublishedItem

Certainty = Literal["certain", "likely", "several", "none"]


@dataclass(frozen=True, slots=True)
class Match:
    """`certain`: SKU and words lead to one product; `likely`: the words alone; `several`: to more than one.

    `product` is None for the last two. `called` is the product whose own SKU the item has, whatever it says it is.
    """

    item: PublishedItem
    certainty: Certainty
    product: Product | None
    called: Product | None


def match(item: PublishedItem, catalog: Catalog) -> Match:
    """Find the product: what the words describe, narrowed by the names that it goes by here and went by there."""
    products: tuple[Product, ...] = (*catalog.panels, *catalog.accessories)
    called = next((product for product in products if item.sku in {product.sku, *product.aliases}), None)
    described = [product for product in products if describes(item, product)]
    confirmed = [product for product in described if _names(product) & {*item.skus}]
    if len(confirmed) == 1:
        return Match(item, "certain", confirmed[0], called)
    if len(described) == 1:
        return Match(item, "likely", described[0], called)
    return Match(item, "several" if described else "none", None, called)


def _names(product: Product) -> set[str]:
    seed = product.source.get("seed_sku")
    return {product.sku, *product.aliases, *([seed] if seed else [])}
