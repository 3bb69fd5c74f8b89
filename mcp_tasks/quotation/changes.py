"""An earlier request with some of its fields changed, as in "add one panel and send it again"."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationError, create_model

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.request import PanelGroup, PanelRequest
from mcp_tasks.repair import fields_of, invalid_request

_COUNTS = ("width_m", "quantity_panels", "panel_groups", "wall_runs_m")
"""What says how many panels there are: each of them in place of the others."""

_REPLACES = {
    **{name: tuple(other for other in _COUNTS if other != name) for name in _COUNTS},
    "panel_groups": ("length_m", "width_m", "quantity_panels", "wall_runs_m"),
    "product_family": ("core_type",),
    "thickness_mm": ("compare_thicknesses",),
}
"""The fields that lose their value when another is changed, unless they are changed as well."""


def _optional_fields() -> dict[str, Any]:
    """Every field of a request under the same bounds, none of them needed; null takes a value back."""
    fields: dict[str, Any] = {}
    for name, field in PanelRequest.model_fields.items():
        annotation: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        fields[name] = (annotation | None, Field(default=None))
    return fields


_AllOptional: type[Model] = create_model("_AllOptional", __base__=Model, **_optional_fields())


class RequestChanges(_AllOptional):
    """The fields of a request that change."""


def changed(request: PanelRequest, changes: RequestChanges) -> PanelRequest:
    """`request` with the fields that `changes` sets; what a changed field replaces is dropped.

    Raises `InvalidRequest` under "changes".
    """
    wanted = changes.model_dump(exclude_unset=True)
    replaced = {other for name, value in wanted.items() if value is not None for other in _REPLACES.get(name, ())}
    kept = {name: value for name, value in request.model_dump(exclude_unset=True).items() if name not in replaced}
    merged = {name: value for name, value in (kept | wanted).items() if value is not None}
    if request.panel_groups and not merged.keys() & {"panel_groups", "length_m"}:
        merged["length_m"] = _only_length(request.panel_groups, wanted)
    try:
        return PanelRequest.model_validate(merged)
    except ValidationError as error:
        raise invalid_request(error, fields_of(PanelRequest), at="changes") from error


def _only_length(groups: Sequence[PanelGroup], wanted: Mapping[str, Any]) -> Decimal:
    """The length of all panels so far. Raises `InvalidRequest` when they had several: nobody knows which is meant."""
    lengths = {group.length_m for group in groups}
    if len(lengths) == 1:
        return lengths.pop()
    field = f"changes.{next(name for name in _COUNTS if name in wanted)}"
    raise InvalidRequest(
        f"{field}: the earlier order has panels of several lengths; give panel_groups whole, with what changes",
        field=field,
        example={"panel_groups": [group.model_dump(mode="json") for group in groups]},
    )
