"""Who is who: one owner for every SKU and alias, one answer to every question, one price per list."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, cast

from mcp_tasks.quotation.validation.files import PRODUCTS, field, rows
from mcp_tasks.quotation.validation.finding import Finding, error
from mcp_tasks.quotation.validation.subject import Subject

_PANEL = "panel"


def duplicate_products(subject: Subject) -> Iterator[Finding]:
    """The same SKU twice within a kind."""
    owners: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, kind, row in _products(subject):
        if isinstance(row.get("sku"), str):
            owners[row["sku"], kind].append(f"{path}.sku")
    for (sku, kind), paths in owners.items():
        for path in paths[1:]:
            text = f"{sku} is a {kind} already, at {paths[0]}"
            yield error("duplicate_sku_kind", path, text, value=sku, expected="one row for each SKU")


def names_owned_twice(subject: Subject) -> Iterator[Finding]:
    """A SKU or an alias that stands for two products, or twice for one."""
    owners: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for path, sku, kind, name in names_of_products(subject):
        owners[name].append((path, sku, kind))
    for name, owned in owners.items():
        first, first_sku, first_kind = owned[0]
        for path, _, kind in owned[1:]:
            if kind == first_kind and first.endswith(".sku") and path.endswith(".sku"):
                continue  # a duplicate product
            text = f"{name} stands for {first_sku} too, at {first}"
            yield error("name_owned_twice", path, text, value=name, expected="an owner of its own")


def names_of_products(subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    """Every SKU and alias: its place, the SKU and the kind of its product, and the name itself."""
    for path, kind, row in _products(subject):
        sku, aliases = row.get("sku"), row.get("aliases")
        names = [(f"{path}.sku", sku)]
        listed = cast(list[Any], aliases) if isinstance(aliases, list) else ()
        names += [(f"{path}.aliases.{number}", alias) for number, alias in enumerate(listed)]
        yield from ((place, str(sku), kind, name) for place, name in names if isinstance(name, str))


def ambiguous_products(subject: Subject) -> Iterator[Finding]:
    """Two products for the same panel, or for the same kind, family and thickness: which of them is meant?"""
    seen: dict[Hashable, str] = {}
    for path, kind, row in _products(subject):
        answers = _panel_key(row) if kind == _PANEL else _accessory_keys(kind, row)
        for answer in answers:
            if answer in seen and (before := seen[answer]) != path:
                what = ", ".join(str(part) for part in answer if part is not None)
                text = f"there is one for {what} already, at {before}"
                yield error("product_ambiguous", path, text, value=row.get("sku"), expected="one product")
            seen.setdefault(answer, path)


def price_lists_that_fit(subject: Subject) -> Iterator[Finding]:
    """Lists are called as their files, and have one price for each SKU of the catalog, in the unit it is sold in."""
    units = {str(row.get("sku")): "m2" if kind == _PANEL else row.get("unit") for _, kind, row in _products(subject)}
    for name, raw in subject.files.price_lists.items():
        given, called = field(raw, "id"), PurePosixPath(name).stem
        if isinstance(given, str) and given != called:
            text = "a price list is called as its file"
            yield error("list_id", f"{name}#id", text, value=given, expected=called)
        yield from _price_rows(name, raw, units)


def _price_rows(name: str, raw: object, units: dict[str, Any]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, row in rows(raw, "rows"):
        sku, path = row.get("sku"), f"{name}#rows.{number}"
        if not isinstance(sku, str):
            continue  # which is said already
        if sku in seen:
            text = f"{sku} has a price already, at rows.{seen[sku]}"
            yield error("price_twice", f"{path}.sku", text, value=sku, expected="one price for each SKU")
        seen.setdefault(sku, number)
        if sku not in units:
            yield error("sku_unknown", f"{path}.sku", f"{sku} is not in the catalog", value=sku)
        elif row.get("unit") != units[sku]:
            text = f"{sku} is sold by {units[sku]}"
            yield error("unit_differs", f"{path}.unit", text, value=row.get("unit"), expected=str(units[sku]))


def _products(subject: Subject) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every product with its place and its kind."""
    for number, row in rows(subject.files.products, "panels"):
        yield f"{PRODUCTS}#panels.{number}", _PANEL, row
    for number, row in rows(subject.files.products, "accessories"):
        yield f"{PRODUCTS}#accessories.{number}", str(row.get("kind")), row


def _panel_key(row: dict[str, Any]) -> Iterable[tuple[str | None, ...]]:
    variant = row.get("variant")
    return [(str(row.get("code")), f"{row.get('thickness_mm')} mm", None if variant is None else str(variant))]


def _accessory_keys(kind: str, row: dict[str, Any]) -> Iterable[tuple[str | None, ...]]:
    families, thicknesses = row.get("families"), row.get("thickness_mm")
    for family in cast(list[Any], families) if isinstance(families, list) else ():
        for mm in (cast(list[Any], thicknesses) if isinstance(thicknesses, list) else ()) or (None,):
            yield kind, str(family), None if mm is None else f"{mm} mm"
