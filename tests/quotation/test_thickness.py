"""Which thickness is quoted: the one asked for, the first to compare, or the thinnest that carries the span."""

from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.errors import ThicknessNotAvailable
from mcp_tasks.quotation import knowledge, quote
from tests.quotation.asking import ROOF, ROOF_3G, ROOM, WALL, ask, bom, codes, refusal


def _refused(base: dict[str, Any], /, **changed: Any) -> ThicknessNotAvailable:
    with pytest.raises(ThicknessNotAvailable) as refused:
        quote.check(ask(base, **changed), knowledge.load())
    return refused.value


@pytest.mark.parametrize(
    ("span", "thickness"), [("0.5", 100), ("5.5", 100), ("5.51", 150), ("8", 200), ("9.1", 200), ("10.4", 250)]
)
def test_the_thinnest_panel_that_carries_the_span_is_taken(span: str, thickness: int) -> None:
    chosen, asked = bom(ROOF, thickness_mm=None, span_m=span), bom(ROOF, thickness_mm=thickness, span_m=span)

    assert chosen.lines == asked.lines
    assert chosen.span == asked.span
    assert chosen.warnings == asked.warnings


@pytest.mark.parametrize(("span", "thickness"), [("3.5", 80), ("5.5", 80), ("5.51", 120)])
def test_a_thickness_that_is_discouraged_is_never_chosen(span: str, thickness: int) -> None:
    chosen = bom(ROOF, core_type="PIR", thickness_mm=None, span_m=span)

    assert chosen.assumptions[0].value == str(thickness)
    assert "thickness_discouraged" not in codes(chosen)


def test_a_thickness_that_was_chosen_is_declared_and_asked_about() -> None:
    answer = bom(ROOF, thickness_mm=None, span_m=8, length_m=8)

    (assumed,), (asked,) = answer.assumptions, answer.questions
    assert (assumed.field, assumed.value) == ("thickness_mm", "200")
    assert assumed.text == "Espesor: 200 mm, el menor recomendado que cubre la luz de 8 m."
    assert (asked.field, asked.text) == ("thickness_mm", "¿De qué espesor se quiere el panel, en mm?")
    assert answer.status == "provisional"
    assert codes(answer) == ["span_near_max"]


def test_a_span_that_no_panel_carries_is_answered_with_the_longest_that_one_does() -> None:
    error = _refused(ROOF, thickness_mm=None, span_m="10.5")

    assert error.message.startswith(
        "request.thickness_mm: none carries a span of 10.5 m; 250 mm carries the most, 10.4 m: "
    )
    assert (error.field, error.nearest, error.allowed) == ("request.thickness_mm", 250, [100, 150, 200, 250])


@pytest.mark.parametrize(
    ("base", "available"),
    [
        (ROOF | {"span_m": None}, [100, 150, 200, 250]),
        (ROOF_3G | {"span_m": None}, [30, 40, 50, 80, 100]),
        (WALL, [50, 100, 150, 200, 250]),
        (ROOM, [40, 60, 80, 100, 150, 200]),
    ],
)
def test_without_a_span_to_carry_the_thickness_is_needed(base: dict[str, Any], available: list[int]) -> None:
    error = _refused(base, thickness_mm=None)

    assert error.to_dict()["available_mm"] == available
    assert ("or give span_m" in error.message) is (base["usage"] == "techo")


class TestComparedThicknesses:
    def test_the_first_is_quoted_without_assuming_anything(self) -> None:
        answer = bom(ROOF, thickness_mm=None, compare_thicknesses=[150, 200, 250], span_m=5)

        assert answer.lines[0].sku == "ISDEC150"
        assert answer.status == "final"
        assert bom(WALL, thickness_mm=None, compare_thicknesses=["200", "100"]).lines[0].sku == "ISP200EPSF"

    @pytest.mark.parametrize(
        ("main", "compared", "order"),
        [
            (None, [150, 100], (150, 100)),
            (150, [100, 150], (150, 100)),
            (250, [100, 150], (250, 100, 150)),
            (100, None, (100,)),
            (None, None, ()),
        ],
    )
    def test_a_thickness_that_is_given_too_comes_first(
        self, main: int | None, compared: list[int] | None, order: tuple[int, ...]
    ) -> None:
        assert ask(ROOF, thickness_mm=main, compare_thicknesses=compared).thicknesses_mm == order

    def test_one_that_is_not_made_is_refused_like_a_thickness(self) -> None:
        error = _refused(ROOF, compare_thicknesses=[100, 120])

        assert (error.field, error.received, error.nearest) == ("request.compare_thicknesses", 120, 100)
        assert error.to_dict()["available_mm"] == [100, 150, 200, 250]

    @pytest.mark.parametrize(
        ("compared", "field"),
        [
            ([100], ""),
            ([], ""),
            ([100, 100], ""),
            (list(range(1, 10)), ""),
            ([100, 0], ".1"),
            ([100, "1e2"], ".1"),
        ],
    )
    def test_two_to_eight_different_ones_are_compared(self, compared: list[object], field: str) -> None:
        assert refusal(ROOF, compare_thicknesses=compared).field == f"request.compare_thicknesses{field}"


def test_the_verdict_of_the_chosen_panel_has_no_thinner_way_out() -> None:
    span = bom(ROOF, thickness_mm=None, span_m=8).span

    assert span is not None
    assert (span.ok, span.max_span_m, span.ratio) == (True, Decimal("9.1"), Decimal("0.879"))
