"""Find products by words, family, thickness and SKU, the best first."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.catalog import UNIVERSAL, Accessory, Catalog, Panel
from mcp_tasks.quotation.catalog_query import CatalogItem, CatalogQuery
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.search_words import forms, joined, may_start, words
from mcp_tasks.quotation.terms import Family
from mcp_tasks.repair import known_name, nearest, shown

_START, _WHOLE, _NAMED = 1, 2, 1_000  # a word begins so, a word is so, the product is called so
_FILTERS = ("query", "family", "thickness_mm", "sku")
_EXPLAINED = 6  # words of a query that found nothing; comparing each with all that there are takes time


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why nothing was found.

    `unknown` are words that are nowhere in the catalog, with the nearest that is; `made_mm` the thicknesses
    there are where the wanted one is not. Without any one of `words`, or of the arguments `too_much`, there is
    something.
    """

    unknown: Mapping[str, str | None]
    made_mm: tuple[int, ...]
    words: tuple[str, ...]
    too_much: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the `total` products found, and where the next page starts; `nothing` when there are none."""

    items: tuple[CatalogItem, ...]
    total: int
    next_cursor: str | None
    nothing: Nothing | None


@dataclass(frozen=True, slots=True)
class _Terms:
    """A query: the name that it may be as a whole, and each of its words with what it may mean."""

    name: str
    words: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A product as a search sees it: `words` are all that it is called, `names` its SKUs."""

    product: Panel | Accessory
    codes: frozenset[str]
    thickness_mm: tuple[int, ...] | None
    words: frozenset[str]
    names: frozenset[str]

    def score(self, terms: _Terms) -> int:
        """How well it fits the query; 0 when one of the words does not."""
        if terms.name in self.names:
            return _NAMED
        total = 0
        for word, meant in terms.words:
            if meant & self.words:
                total += _WHOLE
            elif may_start(word) and any(known.startswith(word) for known in self.words):
                total += _START
            else:
                return 0
        return total


class CatalogSearch:
    """A catalog, made ready to be searched."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._entries = [*map(_panel_entry, catalog.panels), *map(_accessory_entry, catalog.accessories)]

    def find(self, wanted: CatalogQuery, prices: PriceList, today: datetime.date) -> Found:
        """The products that fit all of `wanted`, with their price in `prices`.

        Best first: all words whole, made for the family rather than for any, still sold, and in the order of the
        catalog. Raises `InvalidRequest` for an SKU that there is not and a cursor that is not of these products.
        """
        if wanted.sku is not None:
            self._check_sku(wanted.sku)
        fitting = self._fitting(wanted)
        start = _after(wanted.cursor, fitting)
        end = start + wanted.limit
        return Found(
            items=tuple(_item(entry, prices, today) for entry in fitting[start:end]),
            total=len(fitting),
            next_cursor=fitting[end - 1].product.sku if end < len(fitting) else None,
            nothing=None if fitting else self._nothing(wanted),
        )

    def _check_sku(self, sku: str) -> None:
        if not any(joined(sku) in entry.names for entry in self._entries):
            known_name("sku", sku, (name for p in _products(self.catalog) for name in (p.sku, *p.aliases)))

    def _fitting(self, wanted: CatalogQuery) -> list[_Entry]:
        terms, codes = self._terms(wanted.query or ""), self._codes(wanted)
        name = None if wanted.sku is None else joined(wanted.sku)
        scored: list[tuple[int, _Entry]] = []
        for entry in self._entries:
            if _is_for(entry, codes, wanted.thickness_mm) and (name is None or name in entry.names):
                score = entry.score(terms)
                if score or not terms.words:
                    scored.append((score, entry))
        scored.sort(key=lambda pair: (-pair[0], _is_secondary(pair[1])))
        return [entry for _, entry in scored]

    def _terms(self, query: str) -> _Terms:
        return _Terms(joined(query), tuple((word, self._meant(word)) for word in words(query)))

    def _meant(self, word: str) -> frozenset[str]:
        singulars, synonyms = forms(word), self.catalog.synonyms
        return singulars | {synonyms[form] for form in singulars if form in synonyms}

    def _codes(self, wanted: CatalogQuery) -> frozenset[str] | None:
        """The families with core that are wanted, of which there are panels so thick; None when any is."""
        if wanted.family is None and wanted.thickness_mm is None:
            return None
        return frozenset(
            panel.code
            for panel in self.catalog.panels
            if wanted.family in {None, panel.family} and wanted.thickness_mm in {None, panel.thickness_mm}
        )

    def _nothing(self, wanted: CatalogQuery) -> Nothing:
        said = words(wanted.query or "")
        given = [name for name in _FILTERS if getattr(wanted, name) is not None]
        return Nothing(
            unknown=self._unknown(said[:_EXPLAINED]),
            made_mm=() if wanted.thickness_mm is None or self._codes(wanted) else self._made(wanted.family),
            words=tuple(word for word in said[:_EXPLAINED] if len(said) > 1 and self._fits_without(word, said, wanted)),
            too_much=tuple(name for name in given if len(given) > 1 and self._fits(wanted, {name: None})),
        )

    def _unknown(self, said: Iterable[str]) -> dict[str, str | None]:
        known = frozenset[str]().union(*(entry.words for entry in self._entries))
        unheard = (word for word in said if not any(entry.score(self._terms(word)) for entry in self._entries))
        return {word: nearest(word, known) for word in unheard}

    def _made(self, family: Family | None) -> tuple[int, ...]:
        return tuple(sorted({p.thickness_mm for p in self.catalog.panels if family in {None, p.family}}))

    def _fits_without(self, word: str, said: list[str], wanted: CatalogQuery) -> bool:
        return self._fits(wanted, {"query": " ".join(other for other in said if other != word)})

    def _fits(self, wanted: CatalogQuery, changed: Mapping[str, str | None]) -> bool:
        return bool(self._fitting(wanted.model_copy(update=changed)))


def _products(catalog: Catalog) -> Iterable[Panel | Accessory]:
    return (*catalog.panels, *catalog.accessories)


def _panel_entry(panel: Panel) -> _Entry:
    said = ("panel", panel.family, panel.core, panel.variant or "", *panel.uses)
    return _entry(panel, frozenset({panel.code}), (panel.thickness_mm,), said)


def _accessory_entry(row: Accessory) -> _Entry:
    return _entry(row, frozenset(row.families), row.thickness_mm, ("accesorio", row.kind))


def _entry(
    product: Panel | Accessory, codes: frozenset[str], thickness_mm: tuple[int, ...] | None, said: Iterable[str]
) -> _Entry:
    names = (product.sku, *product.aliases)
    text = " ".join((product.name_es, *names, *codes, *map(str, thickness_mm or ()), *said))
    called = frozenset(form for word in words(text) for form in forms(word))
    joint = frozenset(map(joined, names))
    return _Entry(product, codes, thickness_mm, called | joint, joint)


def _is_for(entry: _Entry, codes: frozenset[str] | None, thickness_mm: int | None) -> bool:
    """Whether it is one of the panels of those families and that thickness, or serves them."""
    if codes is None:
        return True
    if not codes or not entry.codes & {*codes, UNIVERSAL}:
        return False
    return thickness_mm is None or entry.thickness_mm is None or thickness_mm in entry.thickness_mm


def _is_secondary(entry: _Entry) -> bool:
    """Whether it goes after what is made for a family and still sold."""
    return UNIVERSAL in entry.codes or (isinstance(entry.product, Panel) and not entry.product.active)


def _after(cursor: str | None, fitting: list[_Entry]) -> int:
    """Where the page starts; a cursor is the SKU that ended the page before, so that new products move nothing."""
    if cursor is None:
        return 0
    for number, entry in enumerate(fitting):
        if entry.product.sku == cursor:
            return number + 1
    raise InvalidRequest(
        f"cursor: {shown(cursor)!r} is not of this search; give next_cursor with the arguments that it came with",
        field="cursor",
        received=shown(cursor),
    )


def _item(entry: _Entry, prices: PriceList, today: datetime.date) -> CatalogItem:
    product = entry.product
    panel = product if isinstance(product, Panel) else None
    return CatalogItem(
        sku=product.sku,
        aliases=product.aliases,
        kind="panel" if isinstance(product, Panel) else product.kind,
        name_es=product.name_es,
        families=tuple(sorted(entry.codes)),
        thickness_mm=entry.thickness_mm,
        uses=panel and panel.uses,
        unit="m2" if isinstance(product, Panel) else product.unit,
        stock_length_m=None if isinstance(product, Panel) else product.stock_length_m,
        useful_width_m=panel and panel.useful_width_m,
        max_span_m=panel and panel.max_span_m,
        available=panel is None or panel.active,
        price=prices.item_price(product.sku, today),
    )
