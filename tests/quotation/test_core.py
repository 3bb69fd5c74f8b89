"""Which core is quoted where a family is made in two and nobody says: the one that is left, or none."""

from typing import Any

import pytest

from mcp_tasks.errors import InvalidRequest, ThicknessNotAvailable
from mcp_tasks.quotation import knowledge, quote
from tests.quotation.asking import ROOF, ask, bom

OPEN: dict[str, Any] = ROOF | {"core_type": None, "thickness_mm": None, "span_m": None}
EPS, PIR = "techo_isodec_eps", "techo_isodec_pir"


@pytest.mark.parametrize(
    ("said", "system"),
    [
        *(({"thickness_mm": mm, "span_m": 2}, EPS) for mm in (100, 150, 200, 250)),
        *(({"thickness_mm": mm, "span_m": 2}, PIR) for mm in (50, 80, 120)),
        ({"compare_thicknesses": [250, 150, 100], "span_m": 2}, EPS),
        ({"compare_thicknesses": [50, 120], "thickness_mm": 80, "span_m": 2}, PIR),
    ],
)
def test_the_thickness_decides_when_only_one_core_is_made_in_it(said: dict[str, Any], system: str) -> None:
    answer = bom(OPEN | said)

    assert answer.system == system
    assert (answer.assumptions, answer.questions) == ((), ())


@pytest.mark.parametrize(("span", "thickness"), [("7.61", 200), ("9.5", 250), ("10.4", 250)])
def test_the_span_decides_when_only_one_core_carries_it(span: str, thickness: int) -> None:
    answer = bom(OPEN, span_m=span, length_m="10.4")

    assert (answer.system, answer.lines[0].sku) == (EPS, f"ISDEC{thickness}")
    assert [assumed.field for assumed in answer.assumptions] == ["thickness_mm"]


@pytest.mark.parametrize(
    "said",
    [
        {"span_m": "7.6"},
        {"span_m": "10.5"},
        {"thickness_mm": 70},
        {"compare_thicknesses": [100, 120], "span_m": 2},
        {},
    ],
)
def test_the_core_is_asked_where_both_would_do_or_neither(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        quote.check(ask(OPEN | said), knowledge.load())

    error = refused.value
    assert (error.field, error.allowed) == ("request.core_type", ["EPS", "PIR"])
    assert error.message == (
        "request.core_type: say which core; ISODEC is made in EPS (100, 150, 200, 250 mm) and PIR (50, 80, 120 mm)"
    )


def test_a_core_that_was_said_is_kept_whatever_the_thickness() -> None:
    with pytest.raises(ThicknessNotAvailable) as refused:
        quote.check(ask(OPEN, core_type="PIR", thickness_mm=100), knowledge.load())

    assert refused.value.field == "request.thickness_mm"
