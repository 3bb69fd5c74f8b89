"""Which product a person means who writes an SKU in a way of his own, or one that is no longer used."""

from collections import defaultdict

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.search_words import joined
from mcp_tasks.repair import nearest


class SkuNames:
    """The SKUs and older SKUs of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        products = (*catalog.panels, *catalog.accessories)
        self._exact = {name: product.sku for product in products for name in (product.sku, *product.aliases)}
        self._loose: dict[str, set[str]] = defaultdict(set)
        for name, sku in self._exact.items():
            self._loose[joined(name)].add(sku)

    def sku(self, name: str) -> str | None:
        """The SKU of the product; case, accents, spaces, dots and hyphens do not matter where one product is left."""
        if name in self._exact:
            return self._exact[name]
        meant = self._loose.get(joined(name), ())
        return next(iter(meant)) if len(meant) == 1 else None

    def nearest(self, name: str) -> str | None:
        """The SKU that looks most like the name, if any does."""
        meant = nearest(name, self._exact)
        return self._exact[meant] if meant else None
