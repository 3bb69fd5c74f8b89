"""Several walls of one height in one request, as in "paredes de 45 + 15 + 45"."""

from decimal import Decimal
from typing import Any

import pytest

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import knowledge, quote
from tests.quotation.asking import ROOF, ROOM, WALL, ask, bom, line, quantities, refusal

_THREE = {"length_m": 2, "width_m": None, "wall_runs_m": [45, 15, 45]}


def test_each_wall_is_counted_for_itself() -> None:
    answer = bom(WALL, **_THREE, corners_ext=2)

    assert answer.panel_count == 40 + 14 + 40  # together they would take 93
    assert answer.project_area_m2 == 210
    assert answer.panel_area_m2 == Decimal("214.32")
    assert answer.joint_m == 2 * (39 + 13 + 39) + 2 * 105
    bought = quantities(answer)
    assert bought["perfil_u"] == 2 * (15 + 5 + 15)
    assert bought["anclaje_h"] == 358  # 94 x 1.14 / 0.30
    assert bought["remache_pop"] == 188
    assert bought["esquinero_exterior"] == 2
    assert line(answer, "perfil_u").formula == "base y tope: 2 x (45 + 45 + 15) m, en barras de 3 m"
    assert answer.status == "final"


def test_one_run_is_the_same_as_a_width() -> None:
    run = bom(WALL, width_m=None, wall_runs_m=["30"])

    assert run.model_dump_json() == bom(WALL).model_dump_json()


def test_the_order_of_the_runs_changes_nothing() -> None:
    one, other = ([15, "45.00", 45], [45, 15, "45.00"])

    assert (
        bom(WALL, **_THREE | {"wall_runs_m": one}).model_dump_json()
        == bom(WALL, **_THREE | {"wall_runs_m": other}).model_dump_json()
    )


def test_the_corners_between_several_runs_are_asked_for() -> None:
    answer = bom(WALL, **_THREE)

    assert [(a.field, a.value, a.text) for a in answer.assumptions] == [
        ("corners_ext", "0", "Sin esquinas exteriores.")
    ]
    assert [(q.field, q.text) for q in answer.questions] == [("corners_ext", "¿Cuántas esquinas exteriores hay?")]
    assert answer.status == "provisional"
    assert bom(WALL, **_THREE, corners_ext=0).status == "final"


@pytest.mark.parametrize(
    ("base", "changed", "field"),
    [
        (WALL, {"wall_runs_m": [45, 15]}, "width_m"),
        (WALL, {"wall_runs_m": [45, 15], "width_m": None, "quantity_panels": 60}, "quantity_panels"),
        (ROOF, {"wall_runs_m": [45], "width_m": None}, "wall_runs_m"),
        (ROOM, {"wall_runs_m": [45]}, "wall_runs_m"),
        (WALL, _THREE | {"length_m": None, "panel_groups": [{"quantity": 3, "length_m": 2}]}, "wall_runs_m"),
    ],
)
def test_a_run_is_said_once_and_only_of_walls(base: dict[str, Any], changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest, match="leave it out") as refused:
        quote.check(ask(base, **changed), knowledge.load())
    assert refused.value.field == f"request.{field}"


@pytest.mark.parametrize(
    ("runs", "field"),
    [
        ([], "wall_runs_m"),
        ([1] * 51, "wall_runs_m"),
        ([500] * 11, "wall_runs_m"),
        ([45, 0], "wall_runs_m.1"),
        ([45, "500.01"], "wall_runs_m.1"),
        ([45, -15], "wall_runs_m.1"),
    ],
)
def test_runs_out_of_bounds_are_refused(runs: list[object], field: str) -> None:
    assert refusal(WALL, width_m=None, wall_runs_m=runs).field == f"request.{field}"
