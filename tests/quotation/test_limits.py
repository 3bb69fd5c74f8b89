"""Spans and lengths are judged, never refused: BOM specification, section 6."""

from decimal import Decimal

import pytest

from mcp_tasks.quotation.document import Client, quotation_from_bom
from tests.quotation.asking import ROOF, ROOF_3G, WALL, bom, codes, warned


def test_a_span_that_is_too_long_names_the_thicker_panels_and_the_supports_that_would_do() -> None:
    answer = bom(ROOF, length_m=8, span_m="7.5")

    assert answer.span is not None
    assert answer.span.ok is False
    assert answer.span.ratio == Decimal("1.364")
    assert answer.span.thicker_options_mm == (150, 200, 250)
    assert answer.span.supports_if_kept == 3
    data = warned(answer, "span_exceeds_max").data
    assert data["thicker_options_mm"] == [150, 200, 250]
    assert answer.lines
    assert answer.status == "final"


def test_where_no_thicker_panel_carries_the_span_only_supports_help() -> None:
    answer = bom(ROOF_3G, length_m=8, span_m=5)

    assert answer.span is not None
    assert answer.span.thicker_options_mm == ()
    assert "(mm): ninguno." in warned(answer, "span_exceeds_max").text


@pytest.mark.parametrize(
    ("span", "expected"),
    [("4.675", []), ("4.676", ["span_near_max"]), ("5.5", ["span_near_max"]), ("5.501", ["span_exceeds_max"])],
)
def test_a_span_is_near_the_maximum_from_85_percent_on(span: str, expected: list[str]) -> None:
    assert codes(bom(ROOF, length_m=6, span_m=span)) == expected


def test_a_span_longer_than_the_panels_is_not_what_was_meant() -> None:
    answer = bom(ROOF, length_m=5, span_m="5.1")

    assert codes(answer) == ["span_longer_than_panel", "span_near_max"]
    assert warned(answer, "span_longer_than_panel").data == {"span_m": "5.1", "length_m": "5"}
    assert "span_longer_than_panel" not in codes(bom(ROOF, length_m=5, span_m=5))


def test_an_open_span_is_the_maximum_declared_and_not_judged() -> None:
    answer = bom(ROOF, span_m=None)

    assert codes(answer) == ["span_assumed_max"]
    assert [(a.field, a.value) for a in answer.assumptions] == [("span_m", "5.5")]
    assert answer.span is not None
    assert (answer.span.span_m, answer.span.ratio, answer.span.ok) == (None, None, None)
    assert answer.questions[0].field == "span_m"
    assert answer.status == "provisional"


def test_a_panel_longer_than_the_assumed_span_needs_supports_in_between() -> None:
    answer = bom(ROOF, span_m=None, length_m=12)

    assert codes(answer) == ["span_assumed_max", "intermediate_supports_required"]
    assert warned(answer, "intermediate_supports_required").data["supports"] == answer.supports_per_panel == 4


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("2.29", ["panel_shorter_than_min"]),
        ("2.30", []),
        ("14", []),
        ("14.01", ["panel_longer_than_max"]),
    ],
)
def test_lengths_that_are_not_made_are_warned_about_to_the_client_too(length: str, expected: list[str]) -> None:
    answer = bom(WALL, length_m=length)
    assert codes(answer) == expected
    comments = quotation_from_bom(answer, Client(name="Ana")).comments or ()
    assert [comment.text for comment in comments if comment.style == "bold_red"] == [w.text for w in answer.warnings]


@pytest.mark.parametrize(("thickness", "longest"), [(100, "5.5"), (150, "7.5"), (200, "9.1"), (250, "10.4")], ids=str)
def test_the_maximum_spans_of_isodec_eps_are_those_of_the_table(thickness: int, longest: str) -> None:
    span = bom(ROOF, thickness_mm=thickness).span

    assert span is not None
    assert span.max_span_m == Decimal(longest)
