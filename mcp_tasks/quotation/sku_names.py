"""Which product a person means who writes an SKU in a way of his own, or one that is no longer used."""

from collections import defaultdict

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.search_words import joined, words
from mcp_tasks.repair import nearest


class SkuNames:
    """The SKUs and older SKUs of a catalog, and what its products are called."""

    def __init__(self, catalog: Catalog) -> None:
        products = (*catalog.panels, *catalog.accessories)
        self._exact = {name: product.sku for product in products for name in (product.sku, *product.aliases)}
        self._loose: dict[str, set[str]] = defaultdict(set)
        for name, sku in self._exact.items():
            self._loose[joined(name)].add(sku)
        self._names = {product.name_es: product.sku for product in products}
        self._words = {word for name in self._names for word in words(name)}

    def sku(self, name: str) -> str | None:
        """The SKU of the product; case, accents, spaces, dots and hyphens do not matter where one product is left."""
        if name in self._exact:
            return self._exact[name]
        meant = self._loose.get(joined(name), ())
        return next(iter(meant)) if len(meant) == 1 else None

    def nearest(self, name: str) -> str | None:
        """The SKU that was probably meant, if any.

        A name in words is looked for among the names: the product whose name adds least to them, when there is one.
        """
        said = set(words(name))
        known = {word for word in said if word in self._words}
        if any(word.isalpha() for word in known):
            return self._called(said, {*known, *(word for word in said if word.isdigit())})
        meant = nearest(name, self._exact)
        return self._exact[meant] if meant else None

    def _called(self, said: set[str], known: set[str]) -> str | None:
        """The product whose name has all the `known` words; where others were `said`, of those the most alike."""
        fitting = {name: sku for name, sku in self._names.items() if known.issubset(words(name))}
        if said != known:
            meant = nearest(" ".join(sorted(said)), {" ".join(sorted(words(name))): name for name in fitting})
            fitting = {name: sku for name, sku in fitting.items() if " ".join(sorted(words(name))) == meant}
        lengths = {name: len(words(name)) for name in fitting}
        shortest = [name for name, length in lengths.items() if length == min(lengths.values())]
        return fitting[shortest[0]] if len(shortest) == 1 else None
