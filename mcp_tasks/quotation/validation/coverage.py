"""Is there a product and a price for every line that a system needs? The real calculation answers, over everything."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, cast, get_args

from mcp_tasks.errors import RequestError
from mcp_tasks.quotation.catalog import Accessory, Catalog, Panel
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.quote import calculate
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.rules import System
from mcp_tasks.quotation.terms import BarKind, Eave, Kind, Structure, TopEdge
from mcp_tasks.quotation.totals import VAT_RATE
from mcp_tasks.quotation.validation.files import PRODUCTS, RULES, field, names
from mcp_tasks.quotation.validation.finding import Finding, error, warning
from mcp_tasks.quotation.validation.subject import Subject, list_path

_NOT_MADE = {("gotero_superior", "ISODEC_EPS")}
"""Nobody sells it, and requests for it are refused. Source: BOM specification, section 10."""

_NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class Need:
    """A line of some calculation: `sku` is None when the catalog has nothing that serves as `kind`."""

    kind: str
    sku: str | None
    code: str
    thickness_mm: int

    def __str__(self) -> str:
        return f"{self.kind} for {self.code} {self.thickness_mm} mm"


def missing_kinds(subject: Subject) -> Iterator[Finding]:
    """Kinds of accessory that the rules name, or that calculations ask for, and that nobody sells."""
    if subject.files.products is None:
        return  # which is said already
    sold = names(subject.files.products, "accessories", "kind").keys()
    named = dict(_named_kinds(subject.files.rules))
    for kind in sorted({*named, *get_args(Kind)} - sold):
        path = f"{RULES}#{named[kind]}" if kind in named else f"{PRODUCTS}#accessories"
        text = f"the catalog has no accessory of kind {kind}"
        yield error("kind_missing", path, text, value=kind, expected="an accessory of that kind")


def systems_without_panels(subject: Subject) -> Iterator[Finding]:
    """Systems whose panels are not in the catalog, or are another family's."""
    for name, system in subject.rules.systems.items() if subject.rules else ():
        panels, path = subject.catalog.panels_of(system.code, system.usage), f"{RULES}#systems.{name}"
        if not panels:
            text = f"no panel of {system.code} can be ordered for {system.usage}"
            yield error("system_without_panels", f"{path}.code", text, value=system.code)
        elif any((panel.family, panel.core) != (system.family, system.core) for panel in panels):
            made = f"{panels[0].family} {panels[0].core}"
            text = "family and core are not those of its panels"
            yield error("system_without_panels", path, text, value=f"{system.family} {system.core}", expected=made)


def unresolved_lines(subject: Subject) -> Iterator[Finding]:
    """Lines of any system, thickness, structure, eave and top edge without product or price.

    A price must be in the newest list, which is quoted from; that an older list lacks it is a warning.
    """
    if subject.rules is None:
        return
    lists = subject.price_lists or (_EMPTY,)
    needs: dict[Need, None] = {}
    for found in _needs(Knowledge(_complete(subject.catalog), subject.rules, lists)):
        if isinstance(found, Need):
            needs[found] = None
        else:
            yield found
    for need in needs:
        if need.sku is None:
            yield error("line_unresolved", f"{PRODUCTS}#accessories", f"there is no {need}", value=str(need))
    first = {need.sku: need for need in reversed(needs) if need.sku is not None}
    for number, prices in enumerate(subject.price_lists):
        for sku, need in sorted(first.items()):
            if prices.price(sku) is None:
                yield _without_price(prices, sku, need, newest=number == 0)


def _without_price(prices: PriceList, sku: str, need: Need, *, newest: bool) -> Finding:
    path, text = f"{list_path(prices)}#rows", f"{sku} has no price, which a {need} needs"
    if newest:
        return error("line_unresolved", path, text, value=sku, expected="a row for it")
    return warning("price_absent", path, text, value=sku, expected="a row for it")


def _needs(knowledge: Knowledge) -> Iterator[Need | Finding]:
    day = knowledge.price_lists[0].date
    for system in knowledge.rules.systems.values():
        for panel in knowledge.catalog.panels_of(system.code, system.usage):
            if (panel.family, panel.core) != (system.family, system.core):
                continue  # which is said already
            refused: set[str] = set()
            for asked in _requests(system, panel):
                if asked.get("top_edge") in refused:
                    continue
                try:
                    bom = calculate(PanelRequest.model_validate(asked), knowledge, day)
                except RequestError as refusal:
                    refused.add(asked.get("top_edge", ""))
                    yield from _refusal(refusal, asked, panel)
                else:
                    yield from (Need(line.kind, line.sku, panel.code, panel.thickness_mm) for line in bom.lines)


def _refusal(refusal: RequestError, asked: dict[str, Any], panel: Panel) -> Iterator[Finding]:
    edge = asked.get("top_edge")
    if refusal.field == "request.top_edge" and (edge, panel.code) in _NOT_MADE:
        return
    what = f"{edge or 'line'} for {panel.code} {panel.thickness_mm} mm"
    yield error("line_unresolved", f"{PRODUCTS}#accessories", str(refusal), value=what)


def _requests(system: System, panel: Panel) -> Iterator[dict[str, Any]]:
    """The panel on every structure; roofs with every eave and every top edge, walls with a corner."""
    asked: dict[str, Any] = {
        "product_family": system.family,
        "core_type": system.core,
        "thickness_mm": panel.thickness_mm,
        "usage": system.usage,
        "length_m": 4,
        "width_m": 9,
    }
    for structure in get_args(Structure):
        if system.usage == "techo":
            for eave, edge in product(get_args(Eave), get_args(TopEdge)):
                yield asked | {"structure": structure, "eave": eave, "top_edge": edge}
        else:
            corners = {"corners_ext": 1} if system.usage == "pared" else {}
            yield asked | {"structure": structure, **corners}


def _complete(catalog: Catalog) -> Catalog:
    """With something of every kind, so that the calculation runs; what nobody sells resolves to no SKU."""
    missing = {*get_args(Kind)} - {row.kind for row in catalog.accessories}
    lengths = {*get_args(BarKind)}
    stand_ins = tuple(
        Accessory(
            sku=_NOBODY,
            aliases=(),
            kind=kind,
            families=(_NOBODY,),
            thickness_mm=None,
            stock_length_m=cast(Any, 3) if kind in lengths else None,
            unit="pieza" if kind in lengths else "unidad",
            name_es=kind,
            source={},
        )
        for kind in sorted(missing)
    )
    return Catalog.model_construct(
        schema_version=1, synonyms={}, panels=catalog.panels, accessories=(*catalog.accessories, *stand_ins)
    )


def _named_kinds(rules: object) -> Iterator[tuple[str, str]]:
    """The kinds that the rules file names, with their places in it."""
    for place in (
        *(f"fixing_systems.rod.per_point.value.{structure}" for structure in get_args(Structure)),
        "fixing_systems.saddle_screw.screw_by_structure.value",
    ):
        found = _at(rules, place)
        for key, value in cast(dict[str, Any], found).items() if isinstance(found, dict) else ():
            yield (key, f"{place}.{key}") if isinstance(value, int) else (str(value), f"{place}.{key}")
    types = _at(rules, "roof_types")
    for name, shape in cast(dict[str, Any], types).items() if isinstance(types, dict) else ():
        if (ridge := _at(shape, "ridge")) is not None:
            yield str(ridge), f"roof_types.{name}.ridge"


def _at(raw: object, place: str) -> object:
    for part in place.split("."):
        raw = field(raw, part)
    return raw


_EMPTY = PriceList(
    schema_version=1,
    id="none",
    label_es="",
    date=datetime.date(2000, 1, 1),
    currency="USD",
    tax_included=True,
    tax_rate=VAT_RATE,
    source="",
    note="",
    rows=(),
)
