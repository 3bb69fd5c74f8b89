"""A wall. Read beside the BOM specification, section 4.

N panels, au useful width; H height (`length_m`: along the panel), W the run of the wall.
"""

from decimal import Decimal

from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.limits import check_cover, check_length
from mcp_tasks.quotation.sealing import seal
from mcp_tasks.quotation.takeoff import Measures, Sheet
from mcp_tasks.quotation.wording import comma


def take_off(sheet: Sheet) -> Measures:
    """Write down the accessories of a wall, in the order of the quotation."""
    request, useful_width = sheet.project.request, sheet.project.panel.useful_width_m
    panels, run = _panels_and_run(sheet)
    height = request.length_m
    check_length(sheet, height)
    area = cents(panels * useful_width * height)
    joint = (panels - 1) * height + 2 * run

    channels_and_corners(sheet, run, height, request.corners_ext or 0)
    anchors(sheet, panels)
    screws_and_rivets(sheet, area, panels)
    seal(sheet, joint)

    return Measures(
        project_area_m2=cents(run * height),
        panel_area_m2=area,
        panel_count=panels,
        panel_formula=f"paneles: {panels} x {comma(useful_width)} m útiles x {comma(height)} m",
        joint_m=joint,
    )


def _panels_and_run(sheet: Sheet) -> tuple[int, Decimal]:
    """N = ceil(W / au); a given number of panels overrides N, and stands for W when that is missing."""
    request, useful_width = sheet.project.request, sheet.project.panel.useful_width_m
    if request.quantity_panels is None:
        assert request.width_m is not None, "a request without either was refused"
        return how_many(request.width_m, useful_width), request.width_m
    panels = request.quantity_panels
    run = request.width_m or panels * useful_width
    check_cover(sheet, panels, 1, run)
    return panels, run


def channels_and_corners(sheet: Sheet, run: Decimal, height: Decimal, corners: int) -> None:
    """U channel 2 x ceil(W / stock), base and top apart, for channels butt; corners x ceil(H / stock)."""
    channel = sheet.piece("perfil_u")
    bars = how_many(run, channel.bar_m)
    sheet.put(channel, 2 * bars, f"base y tope: 2 x {comma(run)} m, en barras de {comma(channel.bar_m)} m")
    if corners:
        corner = sheet.piece("esquinero_exterior")
        bars = how_many(height, corner.bar_m)
        sheet.put(
            corner, corners * bars, f"esquinas: {corners} x {comma(height)} m, en barras de {comma(corner.bar_m)} m"
        )


def anchors(sheet: Sheet, panels: int) -> None:
    """Slab anchors along the base: ceil(N x au / 0.30)."""
    spacing, base = (
        sheet.rules.fixing_systems.anchor_screw.anchor_spacing_m,
        panels * sheet.project.panel.useful_width_m,
    )
    sheet.add("anclaje_h", how_many(base, spacing), f"base: {comma(base)} m, cada {comma(spacing)} m")


def screws_and_rivets(sheet: Sheet, area: Decimal, panels: int) -> None:
    """T2 screws ceil(5.5 x billed area), which concrete does not take; 2 rivets per panel."""
    rule = sheet.rules.fixing_systems.anchor_screw
    if sheet.project.structure != "hormigon":
        screws = how_many(rule.t2_per_m2 * area, Decimal(1))
        sheet.add("tornillo_t2", screws, f"{comma(rule.t2_per_m2)} por m2 x {comma(area)} m2")
    sheet.add("remache_pop", rule.rivets_per_panel * panels, f"paneles: {panels} x {rule.rivets_per_panel}")
