"""What holds a roof to its structure: threaded rods (ISODEC) or saddles and screws (ISOROOF).

Each function writes its pieces down and answers (fixing points, points per rod). Source: BOM specification,
section 3. S slopes, n panels per slope, L length, t thickness, all in metres. Panels of several lengths lie on
different numbers of supports: a row for each.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.takeoff import Sheet
from mcp_tasks.quotation.wording import comma


class Row(NamedTuple):
    """The panels of one length on one slope, and the supports that each lies on."""

    across: int
    supports: int


def rods(sheet: Sheet, slopes: int, rows: Sequence[Row], length: Decimal) -> tuple[int, int]:
    """points = S x ceil(sum(2 n supports) + 2 L / 2.5); points per rod = min(4, floor(1.00 / (t + e)))."""
    rule, structure = sheet.rules.fixing_systems.rod, sheet.project.structure
    each, on_sides = rule.points_per_panel_per_support, how_many(2 * length, rule.edge_spacing_m)
    points = slopes * (each * _crossings(rows) + on_sides)

    per_rod = min(rule.max_points_per_rod, _pieces_of_a_rod(sheet, rule.rod_length_m, rule.rod_extra_m[structure]))
    in_words = _in_words(points, slopes, each, rows, on_sides)
    sheet.add("varilla", how_many(Decimal(points), Decimal(per_rod)), f"{in_words}, {per_rod} por varilla")
    for kind, quantity in rule.per_point[structure].items():
        sheet.add(kind, points * quantity, f"puntos: {points} x {quantity}")
    return points, per_rod


def saddles(sheet: Sheet, slopes: int, rows: Sequence[Row], length: Decimal) -> tuple[int, int | None]:
    """saddles = S x (sum(3 n supports) + 2 (floor(L / 2.5) + 1)); a screw each, or plug and rod in concrete."""
    rule, structure = sheet.rules.fixing_systems.saddle_screw, sheet.project.structure
    each, on_sides = rule.saddles_per_panel_per_support, 2 * (int(length // rule.lateral_spacing_m) + 1)
    points = slopes * (each * _crossings(rows) + on_sides)

    sheet.add("caballete", points, _in_words(points, slopes, each, rows, on_sides))
    if structure != "hormigon":
        sheet.add(rule.screw_by_structure[structure], points, f"caballetes: {points} x 1")
        return points, None
    per_rod = _pieces_of_a_rod(sheet, rule.rod_length_m, rule.hormigon_rod_extra_m)
    sheet.add("taco_expansivo_8mm", points, f"caballetes: {points} x 1")
    sheet.add(
        "varilla_8mm", how_many(Decimal(points), Decimal(per_rod)), f"caballetes: {points}, {per_rod} por varilla"
    )
    return points, per_rod


def profile_screws(sheet: Sheet, perimeter: Decimal) -> None:
    """T1 screws: ceil(perimeter / 0.30)."""
    spacing = sheet.rules.common.profile_fixing_spacing_m
    sheet.add("tornillo_t1", how_many(perimeter, spacing), f"perímetro: {comma(perimeter)} m, cada {comma(spacing)} m")


def _crossings(rows: Sequence[Row]) -> int:
    """How often a panel of a slope meets a support."""
    return sum(row.across * row.supports for row in rows)


def _in_words(points: int, slopes: int, each: int, rows: Sequence[Row], on_sides: int) -> str:
    met = " + ".join(f"paneles {row.across} x apoyos {row.supports}" for row in rows)
    met = f"({met})" if len(rows) > 1 else met
    return f"puntos: {points} = faldas {slopes} x ({each} x {met} + bordes {on_sides})"


def _pieces_of_a_rod(sheet: Sheet, rod: Decimal, extra: Decimal) -> int:
    """floor(rod / (t + extra)): `extra` is what the rod needs beyond the panel."""
    return int(rod // (Decimal(sheet.project.panel.thickness_mm) / 1000 + extra))
