"""What must hold of several lengths, several walls and several slopes, whatever they are."""

from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.quotation.asking import ROOF, ROOF_3G, WALL, bom, quantities

_SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)

_EDGES = {"eave": "canalon", "top_edge": "cumbrera"}
_BASES: list[dict[str, Any]] = [
    ROOF | _EDGES,
    ROOF | _EDGES | {"roof_type": "2_aguas"},
    ROOF | {"span_m": None, "roof_type": "2_aguas"},
    ROOF_3G,
    ROOF_3G | {"roof_type": "2_aguas"},
    WALL | {"corners_ext": 4},
]

bases = st.sampled_from(_BASES)
structures = st.sampled_from(["metal", "hormigon", "madera"])
# Few of them, so that groups often grow to the length of another.
lengths = st.integers(min_value=1, max_value=4).map(Decimal) | st.decimals(min_value="0.5", max_value="20", places=1)
grown_by = st.integers(min_value=0, max_value=2).map(Decimal) | st.decimals(min_value="0", max_value="3", places=1)
counts = st.integers(min_value=1, max_value=3) | st.integers(min_value=1, max_value=30)
groups = st.lists(st.tuples(counts, lengths), min_size=1, max_size=4)
growth = st.lists(st.tuples(st.integers(min_value=0, max_value=3), grown_by), max_size=8)
runs = st.lists(st.decimals(min_value="0.1", max_value="60", places=1), min_size=1, max_size=6)
run_growth = st.lists(st.decimals(min_value="0", max_value="5", places=1), max_size=8)


def _grouped(base: dict[str, Any], of: list[tuple[int, Decimal]], /, **changed: Any) -> dict[str, Any]:
    """`base` with those groups of (quantity, length); without a width unless one is given."""
    panel_groups = [{"quantity": quantity, "length_m": length} for quantity, length in of]
    return base | {"length_m": None, "width_m": None, "panel_groups": panel_groups} | changed


def _shrunk(small: dict[str, Any], large: dict[str, Any]) -> dict[str, tuple[Decimal, Decimal]]:
    """What the larger request needs less of."""
    before, after = quantities(bom(small)), quantities(bom(large))
    return {kind: (n, after.get(kind, Decimal(0))) for kind, n in before.items() if n > after.get(kind, Decimal(0))}


@_SETTINGS
@given(base=bases, structure=structures, groups=groups, growth=growth)
@example(  # one panel for each slope grows to be two of one length, one for each slope
    base=ROOF | {"roof_type": "2_aguas"},
    structure="metal",
    groups=[(1, Decimal(5)), (1, Decimal(4))],
    growth=[(0, Decimal(0)), (0, Decimal(1))],
)
def test_nothing_shrinks_when_groups_grow_or_are_added(
    base: dict[str, Any],
    structure: str,
    groups: list[tuple[int, Decimal]],
    growth: list[tuple[int, Decimal]],
) -> None:
    none = (0, Decimal(0))
    larger = [
        (n + more, length + longer)
        for (n, length), (more, longer) in zip_longest(groups, growth, fillvalue=none)
        if n + more and length + longer >= Decimal("0.01")
    ]

    assert _shrunk(_grouped(base, groups, structure=structure), _grouped(base, larger, structure=structure)) == {}


@_SETTINGS
@given(structure=structures, height=lengths, higher=grown_by, runs=runs, growth=run_growth)
def test_nothing_shrinks_when_walls_grow_or_are_added(
    structure: str, height: Decimal, higher: Decimal, runs: list[Decimal], growth: list[Decimal]
) -> None:
    larger = [run + longer for run, longer in zip_longest(runs, growth, fillvalue=Decimal(0)) if run + longer]
    walls = WALL | {"width_m": None, "corners_ext": 2, "structure": structure}

    small = walls | {"length_m": height, "wall_runs_m": runs}
    assert _shrunk(small, walls | {"length_m": height + higher, "wall_runs_m": larger}) == {}


@_SETTINGS
@given(base=st.sampled_from([ROOF | _EDGES, ROOF_3G]), structure=structures, length=lengths, width=lengths)
def test_nothing_shrinks_when_a_roof_gets_a_second_slope_of_the_same_size(
    base: dict[str, Any], structure: str, length: Decimal, width: Decimal
) -> None:
    one = base | {"structure": structure, "length_m": length, "width_m": width}

    assert _shrunk(one, one | {"roof_type": "2_aguas"}) == {}


@_SETTINGS
@given(base=bases, groups=groups, data=st.data())
def test_neither_the_order_nor_the_splitting_of_groups_matters(
    base: dict[str, Any], groups: list[tuple[int, Decimal]], data: st.DataObject
) -> None:
    singles = [(1, length) for quantity, length in groups for _ in range(min(quantity, 2))]
    rest = [(quantity - 2, length) for quantity, length in groups if quantity > 2]
    shuffled = data.draw(st.permutations([*singles, *rest]))

    assert bom(_grouped(base, shuffled)).model_dump_json() == bom(_grouped(base, groups)).model_dump_json()


@_SETTINGS
@given(height=lengths, runs=runs, data=st.data())
def test_the_order_of_walls_does_not_matter(height: Decimal, runs: list[Decimal], data: st.DataObject) -> None:
    walls = WALL | {"width_m": None, "length_m": height}
    shuffled = data.draw(st.permutations(runs))

    assert bom(walls, wall_runs_m=shuffled).model_dump_json() == bom(walls, wall_runs_m=runs).model_dump_json()


@_SETTINGS
@given(base=bases, quantity=counts, length=lengths, width=st.none() | lengths)
def test_one_group_is_a_number_of_panels_and_a_length(
    base: dict[str, Any], quantity: int, length: Decimal, width: Decimal | None
) -> None:
    counted = bom(base, quantity_panels=quantity, length_m=length, width_m=width)

    assert bom(_grouped(base, [(quantity, length)], width_m=width)).model_dump_json() == counted.model_dump_json()


@_SETTINGS
@given(height=lengths, run=lengths)
def test_one_run_is_a_width(height: Decimal, run: Decimal) -> None:
    wall = WALL | {"length_m": height}

    assert bom(wall, width_m=None, wall_runs_m=[run]).model_dump_json() == bom(wall, width_m=run).model_dump_json()


@_SETTINGS
@given(base=bases, groups=groups, discount=st.decimals(min_value=0, max_value=100, places=2))
def test_areas_and_totals_are_the_sums_of_the_lines(
    base: dict[str, Any], groups: list[tuple[int, Decimal]], discount: Decimal
) -> None:
    answer = bom(_grouped(base, groups, discount_pct=discount))

    panels = [line for line in answer.lines if line.kind == "panel"]
    assert [line.length_m for line in panels] == sorted({length for _, length in groups}, reverse=True)
    assert sum(line.panels or 0 for line in panels) == answer.panel_count == sum(n for n, _ in groups)
    assert sum(line.quantity for line in panels) == answer.panel_area_m2
    assert answer.totals.materials == sum(line.total or 0 for line in answer.lines)
    assert answer.totals.net + answer.totals.vat == answer.totals.total


@pytest.mark.parametrize("base", [ROOF, WALL], ids=["roof", "wall"])
def test_the_largest_request_is_answered(base: dict[str, Any]) -> None:
    groups = [(200, Decimal(100) - n) for n in range(50)]

    answer = bom(_grouped(base, groups, roof_type="2_aguas" if base is ROOF else None))
    assert answer.panel_count == 10_000
