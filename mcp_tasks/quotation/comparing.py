"""Compare panels without a building: which of them carries a span, what it costs, how well it insulates."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from mcp_tasks.errors import InvalidRequest, SystemNotSupported, ThicknessNotAvailable
from mcp_tasks.quotation.catalog import Panel
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.panel_comparison import (
    ComparedPanel,
    PanelComparison,
    PanelsQuery,
    Recommended,
    Rule,
    ThermalSource,
)
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.terms import Usage
from mcp_tasks.quotation.thermal import Insulation, ThermalFacts, insulation, rounded, saving_pct
from mcp_tasks.quotation.wording import NOTICE, comma

_THOUSANDTH = Decimal("0.001")
_FORMULA = "R = d / λ; U = 1 / (Rsi + R + Rse); ahorro = 1 - U / U del más delgado"
_THERMAL_ASSUMPTIONS = (
    "Aislación: solo el núcleo, con su espesor nominal; no cuentan las chapas ni las pérdidas por juntas y fijaciones.",
    "Aislación: valores de diseño publicados de cada tipo de núcleo; no son ensayos de estos paneles.",
    "Ahorro: del calor que pasa por el panel con la misma diferencia de temperatura, no de toda la obra.",
)
_SPAN_ASSUMPTION = (
    "Luz: contra la máxima de la tabla de cada panel; se recomienda no pasar del {comfort} %. Sin cargas especiales."
)


def compare_panels(
    wanted: PanelsQuery, knowledge: Knowledge, facts: ThermalFacts, today: datetime.date
) -> PanelComparison:
    """The panels that can be ordered and fit `wanted`, with the prices of the newest list.

    Raises `InvalidRequest`, `SystemNotSupported` or `ThicknessNotAvailable`, with what to write instead.
    """
    usage = _usage(wanted)
    found = _chosen(wanted, _made(wanted, usage, knowledge))
    comfort = knowledge.rules.common.span_comfort_ratio
    prices = knowledge.price_list(None)
    judged = [_Judged(panel, used, wanted.span_m, comfort, facts) for panel, used in found]
    ordered = _in_order(judged, prices)
    rows = [_row(one, _thinnest(one, judged), prices, today) for one in ordered]
    return PanelComparison(
        usage=usage,
        span_m=wanted.span_m,
        panels=tuple(rows),
        recommended=None if wanted.span_m is None else _recommended(ordered, prices),
        formula=_FORMULA,
        sources=tuple(_sources(judged, facts)),
        assumptions=(
            *(() if wanted.span_m is None else (_SPAN_ASSUMPTION.format(comfort=comma(comfort * 100)),)),
            *_THERMAL_ASSUMPTIONS,
        ),
        missing=tuple(_missing(rows)),
        notice=NOTICE,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A panel, what it is used for, and whether it carries the span."""

    panel: Panel
    usage: Usage
    span: Decimal | None
    comfort: Decimal
    facts: ThermalFacts

    @property
    def insulation(self) -> Insulation | None:
        return insulation(self.facts, self.panel.core, self.panel.thickness_mm, self.usage)

    @property
    def ratio(self) -> Decimal | None:
        """The span by the longest one that the panel carries."""
        longest = self.panel.max_span_m
        return None if self.span is None or longest is None else self.span / longest

    @property
    def carries(self) -> bool | None:
        return None if self.ratio is None else self.ratio <= 1

    @property
    def near_max(self) -> bool | None:
        return None if self.ratio is None else self.comfort < self.ratio <= 1


def _usage(wanted: PanelsQuery) -> Usage | None:
    """The usage that is meant. Raises `InvalidRequest` when nothing is asked, or a span of what is not a roof."""
    if not wanted.model_dump(exclude_none=True):
        raise InvalidRequest(
            "say what to compare: a span_m, a product_family, a usage or thicknesses_mm",
            field="span_m",
            example={"span_m": "8"},
        )
    if wanted.span_m is not None and wanted.usage not in (None, "techo"):
        raise InvalidRequest(
            f"span_m: leave it out for {wanted.usage}; only roofs (techo) have a span table",
            field="span_m",
            received=str(wanted.span_m),
        )
    return "techo" if wanted.span_m is not None else wanted.usage


def _made(wanted: PanelsQuery, usage: Usage | None, knowledge: Knowledge) -> list[tuple[Panel, Usage]]:
    """The panels of the family, core and usage, in the order of the systems, thinnest first; each once."""
    systems = knowledge.rules.systems.values()
    asked = (wanted.product_family, wanted.core_type, usage)
    fitting = [s for s in systems if _fits(asked, (s.family, s.core, s.usage))]
    if not fitting:
        made = [{"product_family": s.family, "core_type": s.core, "usage": s.usage} for s in systems]
        of_family = [one for one in made if one["product_family"] == wanted.product_family]
        said = " ".join(word for word in asked if word is not None)
        raise SystemNotSupported(
            f"product_family: nothing is made as {said}",
            field="product_family",
            received=said,
            allowed=of_family or made,
            nearest=of_family[0] if of_family else None,
        )
    found: dict[str, tuple[Panel, Usage]] = {}
    for system in fitting:
        for panel in knowledge.catalog.panels_of(system.code, system.usage):
            found.setdefault(panel.sku, (panel, system.usage))
    return list(found.values())


def _fits(asked: Sequence[object], made: Sequence[object]) -> bool:
    return all(one is None or one == other for one, other in zip(asked, made, strict=True))


def _chosen(wanted: PanelsQuery, made: list[tuple[Panel, Usage]]) -> list[tuple[Panel, Usage]]:
    """Those of the thicknesses asked for. Raises `ThicknessNotAvailable` for one that none of them is made in."""
    if wanted.thicknesses_mm is None:
        return made
    available = sorted({panel.thickness_mm for panel, _ in made})
    for number, mm in enumerate(wanted.thicknesses_mm):
        if mm not in available:
            raise ThicknessNotAvailable(
                f"thicknesses_mm.{number}: none of these panels is made in {mm} mm; "
                f"available: {', '.join(map(str, available))}",
                field=f"thicknesses_mm.{number}",
                received=mm,
                allowed=available,
                nearest=min(available, key=lambda known: (abs(known - mm), -known)),
                available_mm=available,
            )
    return [(panel, used) for panel, used in made if panel.thickness_mm in wanted.thicknesses_mm]


def _in_order(judged: list[_Judged], prices: PriceList) -> list[_Judged]:
    """Those that carry the span by price, then the others; as they are when there is no span."""

    def place(one: _Judged) -> tuple[bool, bool, Decimal]:
        price = prices.price(one.panel.sku) if one.carries else None
        return not one.carries, price is None, price or Decimal(0)

    return judged if judged[0].span is None else sorted(judged, key=place)


def _thinnest(one: _Judged, judged: Iterable[_Judged]) -> _Judged:
    """Of its family and core."""
    alike = (other for other in judged if other.panel.code == one.panel.code)
    return min(alike, key=lambda other: other.panel.thickness_mm)


def _row(one: _Judged, thinnest: _Judged, prices: PriceList, today: datetime.date) -> ComparedPanel:
    panel, here, there = one.panel, one.insulation, thinnest.insulation
    return ComparedPanel(
        sku=panel.sku,
        name_es=panel.name_es,
        family=panel.family,
        core=panel.core,
        thickness_mm=panel.thickness_mm,
        max_span_m=panel.max_span_m,
        ratio=one.ratio and one.ratio.quantize(_THOUSANDTH, rounding=ROUND_HALF_UP),
        carries=one.carries,
        near_max=one.near_max,
        price=prices.item_price(panel.sku, today),
        weight_kg_m2=panel.weight_kg_m2,
        resistance_m2k_w=here and rounded(here.resistance),
        transmittance_w_m2k=here and rounded(here.transmittance),
        saving_pct=here and there and saving_pct(here, there),
        saving_against_mm=thinnest.panel.thickness_mm if here and there else None,
        advice=tuple(advice.text_es for advice in panel.advice),
    )


def _recommended(ordered: Sequence[_Judged], prices: PriceList) -> Recommended:
    """The cheapest that carries the span in comfort; else the thinnest that carries it.

    What is discouraged is taken only when nothing else carries.
    """
    span, comfort = ordered[0].span, comma(ordered[0].comfort * 100)
    assert span is not None
    metres = f"{comma(span)} m"
    carrying = [one for one in ordered if one.carries]
    sound = [one for one in carrying if not one.panel.discouraged] or carrying
    easy = [one for one in sound if not one.near_max and prices.price(one.panel.sku)]
    if easy:
        text = f"el más barato por m² que cubre {metres} con no más del {comfort} % de su luz máxima"
        return _recommend(easy[0], "cheapest_within_comfort", text)
    if sound:
        thinnest = min(sound, key=lambda one: one.panel.thickness_mm)
        why = f"usa más del {comfort} % de su luz máxima" if thinnest.near_max else "no se conoce su precio"
        return _recommend(thinnest, "thinnest_that_carries", f"el más delgado que cubre {metres}; {why}")
    longest = max(ordered, key=lambda one: one.panel.max_span_m or 0).panel
    text = f"Ninguno cubre {metres} sin apoyos intermedios"
    if longest.max_span_m is not None:
        text += f"; el que más cubre es {longest.name_es}, {comma(longest.max_span_m)} m"
    return Recommended(sku=None, rule="none_carries", text=f"{text}.")


def _recommend(one: _Judged, rule: Rule, why: str) -> Recommended:
    return Recommended(sku=one.panel.sku, rule=rule, text=f"{one.panel.name_es}: {why}.")


def _sources(judged: Sequence[_Judged], facts: ThermalFacts) -> Iterator[ThermalSource]:
    """The facts that the figures were made with."""
    cores, usages = {one.panel.core for one in judged}, {one.usage for one in judged}
    for core, known in facts.conductivity_w_mk.items():
        if core in cores:
            yield ThermalSource(fact=f"λ {core}", value=f"{known.value} W/(m K)", source=known.source, note=known.note)
    for usage, surfaces in facts.surface_m2k_w.items():
        if usage in usages:
            inside, outside = surfaces.value.inside, surfaces.value.outside
            yield ThermalSource(
                fact=f"Rsi, Rse {usage}",
                value=f"{inside}, {outside} m2 K/W",
                source=surfaces.source,
                note=surfaces.note,
            )


def _missing(rows: Iterable[ComparedPanel]) -> Iterator[str]:
    """What the rows leave open, in words."""
    for what, field in (
        ("Sin precio en la lista", "price"),
        ("Peso no publicado", "weight_kg_m2"),
        ("Conductividad del núcleo no publicada, sin aislación ni ahorro", "resistance_m2k_w"),
    ):
        names = [row.name_es for row in rows if getattr(row, field) is None]
        if names:
            yield f"{what}: {', '.join(names)}."
