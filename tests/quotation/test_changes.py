"""A changed request is what a seller means by the change: what it replaces goes, the rest stays."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.changes import RequestChanges, changed
from mcp_tasks.quotation.request import PanelRequest
from tests.quotation.asking import ROOF, ROOM, WALL, ask, bom

GROUPS = [{"quantity": 3, "length_m": 12}, {"quantity": 6, "length_m": 10}]
COUNTED = ROOF | {"width_m": None, "quantity_panels": 7}
GROUPED = ROOF | {"width_m": None, "length_m": None, "panel_groups": GROUPS}
RUNS = WALL | {"width_m": None, "wall_runs_m": [45, 15]}
COMPARED = ROOF | {"thickness_mm": None, "compare_thicknesses": [150, 200]}


def _changed(base: dict[str, Any], **changes: Any) -> PanelRequest:
    return changed(ask(base), RequestChanges.model_validate(changes))


def _refused(base: dict[str, Any], **changes: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        _changed(base, **changes)
    return refused.value


def test_every_field_of_a_request_can_be_changed_under_the_same_bounds() -> None:
    assert RequestChanges.model_fields.keys() == PanelRequest.model_fields.keys()
    wrong: dict[str, Any] = {"length_m": 0, "quantity_panels": 1.5, "usage": "cielo", "panel_groups": [], "lenght_m": 1}
    for name, value in wrong.items():
        with pytest.raises(ValidationError):
            RequestChanges.model_validate({name: value})


@pytest.mark.parametrize(
    ("base", "changes", "same_as"),
    [
        pytest.param(COUNTED, {"quantity_panels": 8}, COUNTED | {"quantity_panels": 8}, id="one panel more"),
        pytest.param(ROOF, {"quantity_panels": 8}, COUNTED | {"quantity_panels": 8}, id="panels instead of a width"),
        pytest.param(COUNTED, {"width_m": "9"}, ROOF | {"width_m": "9"}, id="a width instead of panels"),
        pytest.param(
            ROOF,
            {"quantity_panels": 8, "width_m": 8},
            ROOF | {"quantity_panels": 8, "width_m": 8},
            id="both, when both are changed",
        ),
        pytest.param(COUNTED, {"panel_groups": GROUPS}, GROUPED, id="several lengths instead of one"),
        pytest.param(
            GROUPED,
            {"quantity_panels": 9, "length_m": 12},
            COUNTED | {"quantity_panels": 9, "length_m": 12},
            id="one length instead of several",
        ),
        pytest.param(
            GROUPED | {"panel_groups": GROUPS[:1]},
            {"quantity_panels": 4},
            COUNTED | {"quantity_panels": 4, "length_m": 12},
            id="one panel more of the only length",
        ),
        pytest.param(RUNS, {"width_m": 60}, WALL | {"width_m": 60}, id="a wall instead of several"),
        pytest.param(WALL, {"wall_runs_m": [45, 15]}, RUNS, id="several walls instead of one"),
        pytest.param(COMPARED, {"thickness_mm": 200}, ROOF | {"thickness_mm": 200}, id="one of the options"),
        pytest.param(
            ROOF,
            {"compare_thicknesses": [150, 200]},
            ROOF | {"compare_thicknesses": [150, 200]},
            id="options beside the thickness",
        ),
        pytest.param(
            ROOF,
            {"product_family": "ISOROOF", "thickness_mm": 50},
            ROOF | {"product_family": "ISOROOF", "core_type": None, "thickness_mm": 50},
            id="another family, whose core is another",
        ),
        pytest.param(ROOF, {"span_m": None, "eave": "canalon"}, ROOF | {"span_m": None, "eave": "canalon"}, id="null"),
        pytest.param(ROOM, {"height_m": 3}, ROOM | {"height_m": 3}, id="a room"),
        pytest.param(ROOF, {}, ROOF, id="nothing"),
    ],
)
def test_a_changed_request_is_the_request_that_one_would_write_now(
    base: dict[str, Any], changes: dict[str, Any], same_as: dict[str, Any]
) -> None:
    assert _changed(base, **changes) == ask(same_as)


def test_the_changed_request_counts_what_the_new_one_does() -> None:
    now = _changed(COUNTED, quantity_panels=8)

    assert (now.quantity_panels, now.length_m) == (8, Decimal("5.0"))
    assert bom(COUNTED, quantity_panels=8).panel_count == 8


def test_a_count_for_panels_of_several_lengths_is_refused_with_the_groups_to_change() -> None:
    error = _refused(GROUPED, quantity_panels=10)

    assert error.field == "changes.quantity_panels"
    assert "panel_groups" in error.message
    assert error.example == {
        "panel_groups": [{"quantity": 3, "length_m": "12"}, {"quantity": 6, "length_m": "10"}],
    }


def test_a_field_that_every_request_needs_cannot_be_taken_back() -> None:
    assert _refused(ROOF, usage=None).field == "changes.usage"
