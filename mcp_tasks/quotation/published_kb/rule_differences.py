"""Numbers of the published rules that are others than ours. They are said and never taken: ours were decided."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.fields import plain
from mcp_tasks.quotation.numbers import PLAIN
from mcp_tasks.quotation.published_kb.item import BOM_RULES
from mcp_tasks.quotation.rules import Rules
from mcp_tasks.quotation.terms import RodPart
from mcp_tasks.quotation.validation.files import field
from mcp_tasks.quotation.validation.finding import Finding, warning

_LAST = r"/ *([0-9.]+)\)"
_FORMULAS = {
    "silicona_tubos": (_LAST, "common.silicone_m_per_tube"),
    "cinta_butilo_rollos": (_LAST, "common.butyl_m_per_roll"),
    "fijaciones_perfileria": (_LAST, "common.profile_fixing_spacing_m"),
    "tornillo_t1_perfileria": (_LAST, "common.profile_fixing_spacing_m"),
    "puntos_fijacion": (r"2 / ([0-9.]+)\)", "fixing_systems.rod.edge_spacing_m"),
    "varilla_cantidad": (_LAST, "fixing_systems.rod.max_points_per_rod"),
}
"""Where a number stands in a published formula, which is written in words, and where ours is."""

_KIT_PARTS: dict[str, RodPart] = {
    "tuerca_3_8": "tuerca",
    "arandela_carrocero_3_8": "arandela_carrocero",
    "arandela_plana_3_8": "arandela_plana",
    "tortuga_pvc": "tortuga_pvc",
    "taco_expansivo_3_8": "taco_expansivo",
}
_CUTTING = {"solape_ml": "common.profile_overlap_m", "desperdicio_pct": "common.tight_cut_pct"}


def rule_differences(raw: Mapping[str, Any], catalog: Catalog, rules: Rules) -> Iterator[Finding]:
    """What differs, and the formulas in which nothing can be compared."""
    published = raw.get(BOM_RULES)
    yield from _systems(published, catalog, rules)
    yield from _spans(published, catalog)
    yield from _kits(published, rules)


def _systems(published: object, catalog: Catalog, rules: Rules) -> Iterator[Finding]:
    for name, system in _entries(field(published, "sistemas")):
        at = f"sistemas.{name}"
        ours = rules.systems.get(name)
        if ours is None:
            yield _different(at, f"there is no system {name}", name, None)
            continue
        for panel in catalog.panels_of(ours.code, ours.usage)[:1]:
            yield from _compare(f"{at}.ancho_util_m", field(system, "ancho_util_m"), panel.useful_width_m)
        for key, ours_at in _CUTTING.items():
            yield from _compare(
                f"{at}.reglas_corte.{key}", field(field(system, "reglas_corte"), key), _at(rules, ours_at)
            )
        yield from _thicknesses(at, system, {panel.thickness_mm for panel in catalog.panels_of(ours.code, ours.usage)})
        yield from _lengths(at, system, ours.code, catalog)
        yield from _formulas(f"{at}.formulas", field(system, "formulas"), rules)


def _thicknesses(at: str, system: object, ours: set[int]) -> Iterator[Finding]:
    listed = field(field(system, "diferencias"), "espesores_disponibles")
    if isinstance(listed, list) and {*map(str, cast(list[object], listed))} != {*map(str, ours)}:
        path, value = f"{at}.diferencias.espesores_disponibles", ", ".join(map(str, cast(list[object], listed)))
        yield _different(path, "the system is made in other thicknesses", value, ", ".join(map(str, sorted(ours))))


def _lengths(at: str, system: object, code: str, catalog: Catalog) -> Iterator[Finding]:
    for kind, length in _entries(field(system, "largos_estandar_m")):
        lengths = {row.stock_length_m for row in catalog.accessories if row.kind == kind and code in row.families}
        for ours in lengths:
            yield from _compare(f"{at}.largos_estandar_m.{kind}", length, ours)


def _formulas(at: str, formulas: object, rules: Rules) -> Iterator[Finding]:
    for name, formula in _entries(formulas):
        pattern, ours_at = _FORMULAS.get(name, (None, ""))
        found = re.search(pattern, formula) if pattern and isinstance(formula, str) else None
        if found:
            yield from _compare(f"{at}.{name}", found[1], _at(rules, ours_at))
    others = sorted({name for name, _ in _entries(formulas)} - _FORMULAS.keys())
    if others:
        text = f"{len(others)} formulas in words, which only a person can compare with ours"
        yield warning("formula_not_compared", f"{BOM_RULES}#{at}", text, value=", ".join(others))


def _spans(published: object, catalog: Catalog) -> Iterator[Finding]:
    panels = {(panel.code, str(panel.thickness_mm)): panel for panel in catalog.panels if panel.variant is None}
    for code, thicknesses in _entries(field(field(published, "autoportancia"), "tablas")):
        for mm, facts in _entries(thicknesses):
            at, panel = f"autoportancia.tablas.{code}.{mm}", panels.get((code, mm))
            if panel is None:
                yield _different(at, f"there is no panel {code} of {mm} mm", mm, None)
                continue
            yield from _compare(f"{at}.luz_max_m", field(facts, "luz_max_m"), panel.max_span_m)
            yield from _compare(f"{at}.peso_kg_m2", field(facts, "peso_kg_m2"), panel.weight_kg_m2)


def _kits(published: object, rules: Rules) -> Iterator[Finding]:
    kits = field(published, "kits_fijacion_detalle")
    for structure, ours in rules.fixing_systems.rod.per_point.items():
        at, parts = (
            f"kits_fijacion_detalle.{structure}.componentes_por_punto",
            field(field(kits, structure), "componentes_por_punto"),
        )
        for name, part in _KIT_PARTS.items():
            if field(parts, name) is not None:
                yield from _compare(f"{at}.{name}.cantidad", field(field(parts, name), "cantidad"), ours.get(part))
    saddles = rules.fixing_systems.saddle_screw.saddles_per_panel_per_support
    at = "kits_fijacion_detalle.madera_isoroof.componentes_por_punto.caballete.cantidad"
    kit = field(field(field(kits, "madera_isoroof"), "componentes_por_punto"), "caballete")
    yield from _compare(at, field(kit, "cantidad"), saddles)


def _compare(at: str, published: object, ours: object) -> Iterator[Finding]:
    if published is None:
        return
    try:
        same = ours is not None and PLAIN.decimal(published) == PLAIN.decimal(ours)
    except ValueError:
        same = False
    if not same:
        yield _different(at, "the number is another than ours, which stays", published, ours)


def _different(at: str, text: str, published: object, ours: object) -> Finding:
    expected = plain(ours) if isinstance(ours, Decimal) else "nothing" if ours is None else str(ours)
    return warning("rule_differs", f"{BOM_RULES}#{at}", text, value=published, expected=expected)


def _entries(raw: object) -> Iterator[tuple[str, object]]:
    yield from cast(dict[str, object], raw).items() if isinstance(raw, dict) else ()


def _at(rules: Rules, place: str) -> object:
    found: object = rules
    for name in place.split("."):
        found = getattr(found, name)
    return found
