"""The items of the published files, in one form, whatever file they stand in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import strict_json
from mcp_tasks.quotation.terms import Core, Family
from mcp_tasks.quotation.validation.files import digest, field, rows
from mcp_tasks.quotation.validation.finding import Finding, error

BOM_RULES = "bom_rules.json"
ACCESSORIES = "accessories_catalog.json"
PRICING = "bromyros_pricing_master.json"
INDEX = "perfileria_index.json"

_NEEDED = (BOM_RULES, ACCESSORIES, PRICING)
_MOST, _PLACES = Decimal(1_000_000), 4
_LEAST_MARGIN, _MOST_MARGIN = Decimal("1.10"), Decimal("1.60")


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """One product as a file describes it. Prices are of one unit, in USD with tax.

    `skus` are the names that it goes by, `thickness` stands as in the file. What it costs to buy is looked at when the
    file is read, and not kept: `margin` is "below" or "above" what is usual, or None.
    """

    file: str
    place: str
    price_field: str
    skus: tuple[str, ...]
    name: str
    group: str
    by_area: bool
    price: Decimal | None
    without_tax: Decimal | None
    web: Decimal | None
    thickness: object
    families: frozenset[str]
    cores: frozenset[str]
    margin: str | None

    @property
    def sku(self) -> str:
        return self.skus[0]

    @property
    def usable(self) -> bool:
        """Whether it has a price that a price list takes: above 0, up to a million, up to four decimals."""
        return self.price is not None and 0 < self.price <= _MOST and self.price == round(self.price, _PLACES)

    @property
    def path(self) -> str:
        """The file and the place of the item in it."""
        return f"{self.file}#{self.place}"

    @property
    def price_path(self) -> str:
        """The place of the price that customers pay."""
        return f"{self.path}.{self.price_field}"


@dataclass(frozen=True, slots=True)
class PublishedFiles:
    """The files that could be read, and the items in them; those of the index, which is made of the others, apart."""

    raw: Mapping[str, Any]
    items: tuple[PublishedItem, ...]
    index: tuple[PublishedItem, ...]
    findings: tuple[Finding, ...]


def is_published(folder: Path) -> bool:
    """Whether the folder holds files of that shape rather than of ours."""
    return any((folder / name).exists() for name in (*_NEEDED, INDEX))


def digest_of(folder: Path) -> str:
    """The same for the same files."""
    return digest({path.name: path.read_bytes() for path in (folder / n for n in (*_NEEDED, INDEX)) if path.exists()})


def read(folder: Path) -> PublishedFiles:
    """Everything that can be read; of the files, only the index may be absent without a word.

    Raises `InvalidRequest` when none is there.
    """
    if not is_published(folder):
        names = ", ".join(_NEEDED)
        raise InvalidRequest(f"{folder}: there is no file of the published shape ({names})", field="directory")
    raw: dict[str, Any] = {}
    findings: list[Finding] = []
    for name in (*_NEEDED, INDEX):
        try:
            # Prices stay exactly what is written: 46.07, not the binary fraction next to it.
            raw[name] = strict_json.loads((folder / name).read_text(encoding="utf-8"), parse_float=Decimal)
        except FileNotFoundError:
            if name in _NEEDED:
                findings.append(error("file_unreadable", name, "the file is not there"))
        except OSError as fault:
            findings.append(error("file_unreadable", name, f"the file cannot be read: {fault.strerror}"))
        except ValueError as fault:
            findings.append(error("file_unreadable", name, f"the file is not JSON in UTF-8: {fault}"))
    if ACCESSORIES in raw:
        findings += _lost(ACCESSORIES, "accesorios", field(raw[ACCESSORIES], "accesorios"))
    if PRICING in raw:
        findings += _lost(PRICING, "data.products", field(field(raw[PRICING], "data"), "products"))
    items = (*_accessories(raw.get(ACCESSORIES)), *_products(raw.get(PRICING)))
    return PublishedFiles(raw, items, tuple(_index(raw.get(INDEX))), tuple(findings))


def _lost(file: str, place: str, listed: object) -> Iterator[Finding]:
    """What stands where items should, and is none."""
    if not isinstance(listed, list):
        yield error("items_missing", f"{file}#{place}", "there is no list of items", value=listed, expected="a list")
        return
    for number, item in enumerate(cast(list[object], listed)):
        if not isinstance(item, dict):
            at = f"{file}#{place}.{number}"
            yield error("item_unreadable", at, "it is no item", value=item, expected="an object")


def _accessories(raw: object) -> Iterator[PublishedItem]:
    for number, row in rows(raw, "accesorios"):
        yield _accessory(ACCESSORIES, f"accesorios.{number}", row)


def _index(raw: object) -> Iterator[PublishedItem]:
    items = field(raw, "items")
    for key, row in cast(dict[str, object], items).items() if isinstance(items, dict) else ():
        if isinstance(row, dict):
            yield _accessory(INDEX, f"items.{key}", {**cast(dict[str, Any], row), "sku": key})


def _accessory(file: str, place: str, row: Mapping[str, Any]) -> PublishedItem:
    compatible = row.get("compatibilidad")
    listed = cast(list[object], compatible) if isinstance(compatible, list) else []
    return PublishedItem(
        file=file,
        place=place,
        price_field="precio_unit_iva_inc",
        skus=(str(row.get("sku")),),
        name=str(row.get("name")),
        group=str(row.get("tipo")),
        by_area=False,
        price=_number(row.get("precio_unit_iva_inc")),
        without_tax=None,
        web=_number(row.get("web_price_iva_inc")),
        thickness=row.get("espesor_mm"),
        families=_named(Family, *map(str, listed)),
        cores=_named(Core, str(row.get("composicion"))),
        margin=None,
    )


def _products(raw: object) -> Iterator[PublishedItem]:
    for number, row in rows(field(raw, "data"), "products"):
        prices, facts = row.get("pricing"), row.get("specifications")
        skus = [str(row.get("sku")), *([str(row["original_sku"])] if "original_sku" in row else [])]
        yield PublishedItem(
            file=PRICING,
            place=f"data.products.{number}",
            price_field="pricing.sale_iva_inc",
            skus=tuple(dict.fromkeys(skus)),
            name=str(row.get("name")),
            group=str(row.get("tipo")),
            by_area=field(facts, "unit_base") == "m2",
            price=_number(field(prices, "sale_iva_inc")),
            without_tax=_number(field(prices, "sale_sin_iva")),
            web=_number(field(prices, "web_iva_inc")),
            thickness=field(facts, "thickness_mm"),
            families=_named(Family, str(row.get("familia"))),
            cores=_named(Core, str(row.get("sub_familia"))),
            margin=_margin(_number(field(prices, "cost_sin_iva")), _number(field(prices, "sale_sin_iva"))),
        )


def _named(names: Any, *texts: str) -> frozenset[str]:
    """The names that occur in the texts; none: the item does not say."""
    words = {word for text in texts for word in re.findall(r"[A-Z]+", text.upper())}
    return frozenset(words & {*get_args(names)})


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def _margin(cost: Decimal | None, sale: Decimal | None) -> str | None:
    if not cost or cost < 0 or sale is None:
        return None
    ratio = sale / cost
    return "below" if ratio < _LEAST_MARGIN else "above" if ratio > _MOST_MARGIN else None
