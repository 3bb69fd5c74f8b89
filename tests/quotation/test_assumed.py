"""What several parts assume or ask alike is said once, and what only some of them do with their titles."""

from typing import Any

from mcp_tasks.quotation.assumed import assumptions_said
from mcp_tasks.quotation.sale_words import WORDS
from tests.quotation.asking import ROOF, WALL, bom, ordered

OPEN_ROOF: dict[str, Any] = ROOF | {"structure": None, "top_edge": None}
OPEN_WALL: dict[str, Any] = WALL | {"structure": None}


def test_what_every_part_assumes_is_said_once_without_their_titles() -> None:
    answer = ordered(OPEN_ROOF, OPEN_WALL, OPEN_WALL, accessories=({"sku": "6828", "quantity": 1},))

    assert assumptions_said(answer.assumptions, answer, WORDS["es"]) == [
        "Estructura: metal.",
        "Techo ISODEC EPS 100 mm: Borde superior sin perfil de terminación.",
    ]
    assert assumptions_said(answer.assumptions, answer, WORDS["en"]) == [
        "Structure: metal.",
        "Roof ISODEC EPS 100 mm: No profile along the upper edge.",
    ]


def test_what_some_parts_assume_names_them() -> None:
    answer = ordered(ROOF, OPEN_WALL, OPEN_WALL)

    assert assumptions_said(answer.assumptions, answer, WORDS["es"]) == [
        "Fachada ISOPANEL EPS 100 mm, Fachada ISOPANEL EPS 100 mm (2): Estructura: metal."
    ]


def test_different_values_are_different_sentences() -> None:
    timber = OPEN_ROOF | {"product_family": "ISOROOF", "core_type": None, "thickness_mm": 50, "top_edge": "none"}
    answer = ordered(timber, OPEN_WALL)

    assert assumptions_said(answer.assumptions, answer, WORDS["es"]) == [
        "Techo ISOROOF 3G 50 mm: Estructura: madera.",
        "Fachada ISOPANEL EPS 100 mm: Estructura: metal.",
    ]


def test_a_single_request_assumes_without_a_title() -> None:
    answer = bom(OPEN_WALL)

    assert assumptions_said(answer.assumptions, answer, WORDS["es"]) == ["Estructura: metal."]


def test_the_same_question_of_several_parts_is_one_that_names_every_field() -> None:
    asked = ordered(OPEN_ROOF, OPEN_WALL, OPEN_WALL).questions

    assert [(question.field, question.text.partition(": ¿")[0]) for question in asked] == [
        (
            "requests.0.structure, requests.1.structure, requests.2.structure",
            "Techo ISODEC EPS 100 mm, Fachada ISOPANEL EPS 100 mm, Fachada ISOPANEL EPS 100 mm (2)",
        ),
        ("requests.0.top_edge", "Techo ISODEC EPS 100 mm"),
    ]


def test_a_question_of_many_parts_counts_them() -> None:
    (asked,) = ordered(*[OPEN_WALL] * 5).questions

    assert asked.text == "5 partes: ¿La estructura es de metal, hormigón o madera?"
