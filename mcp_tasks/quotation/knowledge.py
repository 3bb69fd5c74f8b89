"""Everything the calculation knows, loaded from the data files and checked as a whole."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mcp_tasks.errors import KnowledgeError, UnknownPriceList
from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.model_file import read_model
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.rules import Rules
from mcp_tasks.repair import nearest, shown
from mcp_tasks.spelling import folded

SHIPPED = Path(__file__).parent / "data"
PRICE_LISTS = "price-lists"
PARTS = ("products.json", "rules.json", PRICE_LISTS)
"""What a folder of knowledge has in it."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The catalog, the rules, and the price lists with the newest first."""

    catalog: Catalog
    rules: Rules
    price_lists: tuple[PriceList, ...]

    def price_list(self, wanted: str | None) -> PriceList:
        """The list of that id in any spelling, the newest when none is named; raises `UnknownPriceList`."""
        if wanted is None:
            return self.price_lists[0]
        for prices in self.price_lists:
            if folded(prices.id) == folded(wanted):
                return prices
        ids = [prices.id for prices in self.price_lists]
        raise UnknownPriceList(
            f"request.price_list: there is no price list {shown(wanted)!r}",
            field="request.price_list",
            received=shown(wanted),
            allowed=ids,
            nearest=nearest(wanted, ids),
        )


def load(folder: Path | None = None) -> Knowledge:
    """The knowledge in `folder` (products.json, rules.json, price-lists/*.json), or what the package ships.

    Raises `KnowledgeError`, which names the file, the path in it and the fault. The package's own is read
    once per process, at the first call.
    """
    return _shipped() if folder is None else _read(folder)


@cache
def _shipped() -> Knowledge:
    return _read(SHIPPED)


@cache
def shipped_digest() -> str:
    """The same as long as the package brings the same knowledge: SHA-256 over the names and contents of its files."""
    whole = hashlib.sha256()
    for path in sorted(path for part in PARTS for path in (SHIPPED / part, *(SHIPPED / part).glob("*.json"))):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(SHIPPED).as_posix()} {content} ".encode())
    return whole.hexdigest()


def _read(folder: Path) -> Knowledge:
    catalog = read_model(folder / "products.json", Catalog)
    rules = read_model(folder / "rules.json", Rules)
    _check_systems(folder / "rules.json", rules, catalog)
    price_lists = [_price_list(path, catalog) for path in sorted((folder / PRICE_LISTS).glob("*.json"))]
    if not price_lists:
        raise KnowledgeError(f"{folder / PRICE_LISTS}: there is no price list")
    return Knowledge(catalog, rules, tuple(sorted(price_lists, key=lambda p: (p.date, p.id), reverse=True)))


def _price_list(path: Path, catalog: Catalog) -> PriceList:
    prices = read_model(path, PriceList)
    if prices.id != path.stem:
        raise KnowledgeError(f"{path}: id: {prices.id!r} is not the name of the file")
    for number, row in enumerate(prices.rows):
        unit = catalog.units.get(row.sku)
        if unit is None:
            raise KnowledgeError(f"{path}: rows.{number}.sku: {row.sku!r} is not in the catalog")
        if unit != row.unit:
            raise KnowledgeError(f"{path}: rows.{number}.unit: {row.sku} is sold by {unit}, not by {row.unit}")
    return prices


def _check_systems(path: Path, rules: Rules, catalog: Catalog) -> None:
    for name, system in rules.systems.items():
        panels = catalog.panels_of(system.code, system.usage)
        if not panels:
            raise KnowledgeError(f"{path}: systems.{name}.code: no panel of {system.code!r} for {system.usage}")
        if any((panel.family, panel.core) != (system.family, system.core) for panel in panels):
            raise KnowledgeError(f"{path}: systems.{name}: family and core are not those of its panels")
