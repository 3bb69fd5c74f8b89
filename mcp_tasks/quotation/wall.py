"""A wall, or several of one height. Read beside the BOM specification, section 4.

N panels, au useful width; H height (`length_m`: along the panel), W the run of the wall, of which there may be
several. Where the panels have several heights, H of the outline is that of the highest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.layout import (
    Batch,
    billed,
    counted_batches,
    covered_area,
    longest_first,
    metres_in,
    panels_in,
    the_length,
)
from mcp_tasks.quotation.limits import check_cover, check_lengths, check_outline
from mcp_tasks.quotation.sealing import seal
from mcp_tasks.quotation.takeoff import Measures, Sheet
from mcp_tasks.quotation.wording import comma


def take_off(sheet: Sheet) -> Measures:
    """Measure a wall, and write down its accessories in the order of the quotation."""
    wall = _measure(sheet)
    check_lengths(sheet, [batch.length for batch in wall.batches])
    measures = Measures(
        project_area_m2=cents(covered_area(sum(wall.runs, Decimal(0)), wall.batches)),
        batches=billed(wall.batches, sheet.project.panel.useful_width_m),
        joint_m=wall.joint,
    )
    if sheet.project.request.panels_only:
        return measures
    check_outline(sheet, wall.batches)
    channels_and_corners(sheet, wall.runs, wall.height, _corners(sheet, wall))
    anchors(sheet, measures.panel_count)
    screws_and_rivets(sheet, measures.panel_area_m2, measures.panel_count)
    seal(sheet, wall.joint)
    return measures


@dataclass(frozen=True, slots=True)
class _Wall:
    """The geometry: `batches` of panels with the highest first, `runs` with the longest first."""

    batches: Sequence[Batch]
    runs: Sequence[Decimal]

    @property
    def height(self) -> Decimal:
        """H, of the highest panel."""
        return self.batches[0].length

    @property
    def joint(self) -> Decimal:
        """J = sum over the runs of (N - 1) H + 2 W: a joint less than panels in each, base and top."""
        return metres_in(self.batches) - len(self.runs) * self.height + 2 * sum(self.runs)


def _measure(sheet: Sheet) -> _Wall:
    """N = sum(ceil(W / au)); a given number of panels overrides N, and stands for W when that is missing."""
    request, useful_width = sheet.project.request, sheet.project.panel.useful_width_m
    batches = counted_batches(request)
    if batches:
        panels = panels_in(batches)
        run = request.width_m or panels * useful_width
        check_cover(sheet, panels, 1, run)
        return _Wall(batches, [run])
    runs = longest_first(request.wall_runs_m or ())
    if request.width_m is not None:
        runs = [request.width_m]
    panels = sum(how_many(run, useful_width) for run in runs)
    return _Wall([Batch(panels, the_length(request))], runs)


def _corners(sheet: Sheet, wall: _Wall) -> int:
    """The outer corners; several runs probably have some, so none is declared where nobody says."""
    corners = sheet.project.request.corners_ext
    if corners is None and len(wall.runs) > 1:
        sheet.assume("corners_ext", Decimal(0))
    return corners or 0


def channels_and_corners(sheet: Sheet, runs: Sequence[Decimal], height: Decimal, corners: int) -> None:
    """U channel 2 x sum(ceil(W / stock)), base and top apart, for channels butt; corners x ceil(H / stock)."""
    channel = sheet.piece("perfil_u")
    bars = sum(how_many(run, channel.bar_m) for run in runs)
    lengths = " + ".join(map(comma, runs))
    lengths = f"({lengths})" if len(runs) > 1 else lengths
    sheet.put(channel, 2 * bars, f"base y tope: 2 x {lengths} m, en barras de {comma(channel.bar_m)} m")
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
