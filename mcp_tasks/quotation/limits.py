"""What the panel can carry and how long it is made. BOM specification, section 6: warned, never refused."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from mcp_tasks.quotation.bom import SpanVerdict
from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.layout import Batch
from mcp_tasks.quotation.takeoff import Sheet

_THOUSANDTH = Decimal("0.001")


def supports_per_panel(length: Decimal, spacing: Decimal, at_least: int) -> int:
    """The supports that a panel lies on: max(at_least, ceil(length / spacing) + 1)."""
    return max(at_least, how_many(length, spacing) + 1)


def judge_span(sheet: Sheet, lengths: Sequence[Decimal]) -> tuple[Decimal, SpanVerdict]:
    """How far apart the supports of a roof stand, and whether its panels of `lengths`, longest first, carry that.

    They stand `span_m` apart when it was given, however far that is; else as far apart as the panel carries,
    which is declared where anything is calculated with it.
    """
    span, length = sheet.project.request.span_m, lengths[0]
    longest = sheet.project.panel.max_span_m
    assert longest is not None, "the catalog has a maximum span for every roof panel"
    if span is not None:
        if not sheet.project.request.thicknesses_mm:
            sheet.assume("thickness_mm", str(sheet.project.panel.thickness_mm), span_m=span)
        if span > length:
            sheet.warn("span_longer_than_panel", span_m=span, length_m=length)
        return span, _verdict(sheet, length, span, longest)
    if sheet.project.request.panels_only:  # of the panels alone it changes nothing
        sheet.warn("span_not_given", max_span_m=longest)
    else:
        sheet.warn("span_assumed_max", max_span_m=longest)
        sheet.assume("span_m", longest)
    if length > longest:
        sheet.warn(
            "intermediate_supports_required",
            lengths=[each for each in lengths if each > longest],
            max_span_m=longest,
            supports=supports_per_panel(length, longest, sheet.rules.common.min_supports),
            length_m=length,
        )
    unjudged = SpanVerdict(
        span_m=None, max_span_m=longest, ratio=None, ok=None, thicker_options_mm=(), supports_if_kept=None
    )
    return longest, unjudged


def check_lengths(sheet: Sheet, lengths: Sequence[Decimal]) -> None:
    """Warn when panels of one of those lengths are not made."""
    panel = sheet.project.panel
    for length in lengths:
        if length > panel.max_length_m:
            sheet.warn("panel_longer_than_max", length_m=length, max_length_m=panel.max_length_m)
        if length < panel.min_length_m:
            sheet.warn("panel_shorter_than_min", length_m=length, min_length_m=panel.min_length_m)


def check_outline(sheet: Sheet, batches: Sequence[Batch]) -> None:
    """Warn when the panels have several lengths: how they lie decides on the profiles, and nobody said how."""
    if len(batches) > 1:
        lengths = [batch.length for batch in batches]
        sheet.warn("panels_of_several_lengths", lengths=len(lengths), longest_m=max(lengths), shortest_m=min(lengths))


def check_cover(sheet: Sheet, panels: int, slopes: int, width: Decimal) -> None:
    """Warn when that number of panels leaves part of `width` open."""
    needed = slopes * how_many(width, sheet.project.panel.useful_width_m)
    if panels < needed:
        sheet.warn("panels_do_not_cover_width", panels=panels, width_m=width, needed=needed)


def _verdict(sheet: Sheet, length: Decimal, span: Decimal, longest: Decimal) -> SpanVerdict:
    """Warn from `span_comfort_ratio` of the maximum on; beyond the maximum name both ways out."""
    common = sheet.rules.common
    thicker: list[int] = []
    kept: int | None = None
    if span > longest:
        thicker = _thicker(sheet, span)
        kept = supports_per_panel(length, longest, common.min_supports)
        sheet.warn(
            "span_exceeds_max",
            span_m=span,
            max_span_m=longest,
            thicker_options_mm=thicker,
            supports_if_kept=kept,
        )
    elif span > longest * common.span_comfort_ratio:
        comfort = common.span_comfort_ratio * 100
        sheet.warn("span_near_max", span_m=span, max_span_m=longest, comfort_pct=comfort)
    return SpanVerdict(
        span_m=span,
        max_span_m=longest,
        ratio=(span / longest).quantize(_THOUSANDTH, rounding=ROUND_HALF_UP),
        ok=span <= longest,
        thicker_options_mm=tuple(thicker),
        supports_if_kept=kept,
    )


def _thicker(sheet: Sheet, span: Decimal) -> list[int]:
    """The thicknesses of the same system, above the one asked for, that carry `span`."""
    system, thickness = sheet.project.system, sheet.project.panel.thickness_mm
    return [
        panel.thickness_mm
        for panel in sheet.catalog.panels_of(system.code, system.usage)
        if panel.thickness_mm > thickness and panel.max_span_m is not None and panel.max_span_m >= span
    ]
