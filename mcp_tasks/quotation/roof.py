"""A roof. Read beside the BOM specification, section 3.

S slopes of n panels each, N panels in all; L length of a slope, W width along the eave, au useful width. Where the
panels have several lengths, L is that of the longest: the profiles run along the rectangle that encloses them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import get_args

from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.layout import Batch, billed, counted_batches, covered_area, panels_in, the_length
from mcp_tasks.quotation.limits import check_cover, check_lengths, check_outline, judge_span, supports_per_panel
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.roof_fixings import Row, profile_screws, rods, saddles
from mcp_tasks.quotation.rules import RoofShape
from mcp_tasks.quotation.sealing import seal
from mcp_tasks.quotation.takeoff import Measures, Sheet
from mcp_tasks.quotation.terms import Eave, EdgeProfile
from mcp_tasks.quotation.wording import comma


def take_off(sheet: Sheet) -> Measures:
    """Measure a roof, and write down its accessories in the order of the quotation."""
    shape = _shape(sheet)
    roof = _measure(sheet, shape.slopes)
    lengths = [batch.length for batch in roof.batches]
    check_lengths(sheet, lengths)
    spacing, span = judge_span(sheet, lengths)
    rows = [Row(across, _supports(sheet, length, spacing)) for across, length in roof.rows()]
    measures = Measures(
        project_area_m2=cents(roof.slopes * covered_area(roof.width, roof.batches)),
        batches=billed(roof.batches, roof.useful_width),
        supports_per_panel=rows[0].supports,
        perimeter_m=roof.perimeter,
        span=span,
    )
    if sheet.project.request.panels_only:
        return measures
    points, per_rod = _accessories(sheet, roof, rows, shape.ridge)
    return replace(measures, fixing_points=points, points_per_rod=per_rod)


def _accessories(sheet: Sheet, roof: "_Roof", rows: Sequence[Row], ridge: EdgeProfile | None) -> tuple[int, int | None]:
    """Everything but the panels; answers (fixing points, points per rod)."""
    check_outline(sheet, roof.batches)
    _eave(sheet, roof)
    sheet.cut("gotero_lateral", [roof.length] * (2 * roof.slopes))
    _top_edge(sheet, roof, ridge)
    fix = rods if sheet.project.system.fixing == "rod" else saddles
    points = fix(sheet, roof.slopes, rows, roof.length)
    seal(sheet, roof.perimeter)
    profile_screws(sheet, roof.perimeter)
    return points


@dataclass(frozen=True, slots=True)
class _Roof:
    """The geometry: `batches` of panels with the longest first."""

    slopes: int
    batches: Sequence[Batch]
    width: Decimal
    useful_width: Decimal

    @property
    def length(self) -> Decimal:
        """L, of the longest panel."""
        return self.batches[0].length

    @property
    def across(self) -> int:
        """n = ceil(N / S): the panels on each slope."""
        return how_many(Decimal(panels_in(self.batches)), Decimal(self.slopes))

    def rows(self) -> Iterator[tuple[int, Decimal]]:
        """(panels, length) of one slope, where the panels are dealt to the slopes in turn from the longest on.

        It is the slope that begins, which gets no less than the others. Dealt batch by batch, ceil(N / S) of each,
        two panels of nearly one length would lie side by side on two slopes, and cost more than two of one length.
        """
        dealt = panels = 0
        for batch in self.batches:
            panels += batch.panels
            upto = how_many(Decimal(panels), Decimal(self.slopes))
            if upto > dealt:
                yield upto - dealt, batch.length
            dealt = upto

    @property
    def eave_run(self) -> Decimal:
        """n x au: the eave as the panels make it."""
        return self.across * self.useful_width

    @property
    def perimeter(self) -> Decimal:
        """P = S x 2 x (W + L), with the nominal width."""
        return self.slopes * 2 * (self.width + self.length)


def eaves(request: PanelRequest, slopes: int) -> tuple[Eave, ...]:
    """What is along the eave of each slope."""
    eave = request.eave or "gotero_frontal"
    return eave if isinstance(eave, tuple) else (eave,) * slopes


def _shape(sheet: Sheet) -> RoofShape:
    """The slopes and the ridge; shapes that nobody has formulas for count as one slope, and say so."""
    roof_type = sheet.project.request.roof_type or "1_agua"
    shape = sheet.rules.roof_types[roof_type]
    if shape.review:
        sheet.warn("roof_type_needs_review", roof_type=roof_type)
        sheet.assume("roof_type", "1_agua")
    return shape


def _measure(sheet: Sheet, slopes: int) -> _Roof:
    """n = ceil(W / au), N = n x S; a given number of panels overrides N, and stands for W when that is missing."""
    request, useful_width = sheet.project.request, sheet.project.panel.useful_width_m
    batches = counted_batches(request)
    if not batches:
        assert request.width_m is not None, "a request without either was refused"
        across = how_many(request.width_m, useful_width)
        return _Roof(slopes, [Batch(across * slopes, the_length(request))], request.width_m, useful_width)
    panels = panels_in(batches)
    counted = _Roof(slopes, batches, Decimal(0), useful_width)
    if counted.across * slopes != panels and not request.panels_only:
        sheet.warn("panels_uneven_between_slopes", panels=panels, slopes=slopes, per_slope=counted.across)
    if request.width_m is None:
        return replace(counted, width=counted.eave_run)
    check_cover(sheet, panels, slopes, request.width_m)
    return replace(counted, width=request.width_m)


def _supports(sheet: Sheet, length: Decimal, spacing: Decimal) -> int:
    return supports_per_panel(length, spacing, sheet.rules.common.min_supports)


def _eave(sheet: Sheet, roof: _Roof) -> None:
    """A drip edge along each eave, or a gutter: G gutters take ceil(G x (n + 1) x 0.30 / stock) bars of supports."""
    along = eaves(sheet.project.request, roof.slopes)
    for kind in get_args(Eave):  # whichever slope is named first
        if kind in along:
            sheet.cut(kind, [roof.eave_run] * along.count(kind))
    if "canalon" in along:
        each, support = sheet.rules.common.gutter_support_m, sheet.piece("soporte_canalon")
        pieces = along.count("canalon") * (roof.across + 1)
        formula = f"soportes: {pieces} x {comma(each)} m, en barras de {comma(support.bar_m)} m"
        sheet.put(support, how_many(pieces * each, support.bar_m), formula)


def _top_edge(sheet: Sheet, roof: _Roof, ridge: EdgeProfile | None) -> None:
    """One profile of W metres. A declared top edge replaces the ridge cap, `none` removes it."""
    edge = sheet.project.request.top_edge or ridge
    if edge is None:
        sheet.warn("top_edge_not_specified")
        sheet.assume("top_edge", "none")
    elif edge != "none":
        sheet.cut(edge, [roof.width])
