"""What the fields of a request say together: refused where one contradicts another, or would be ignored."""

from collections.abc import Mapping

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.terms import Usage
from mcp_tasks.repair import shown

_ROOF, _WALL, _ROOM = frozenset[Usage]({"techo"}), frozenset[Usage]({"pared"}), frozenset[Usage]({"camara"})
_BELONGS: Mapping[str, tuple[frozenset[Usage], str]] = {
    "roof_type": (_ROOF, "it describes a roof"),
    "span_m": (_ROOF, "it describes a roof"),
    "eave": (_ROOF, "it describes a roof"),
    "top_edge": (_ROOF, "it describes a roof"),
    "height_m": (_ROOM, "only a cold room has it; the height of a wall is length_m"),
    "quantity_panels": (_ROOF | _WALL, "a cold room is calculated from its three dimensions"),
    "panel_groups": (_ROOF | _WALL, "a cold room is calculated from its three dimensions"),
    "wall_runs_m": (_WALL, "it describes walls"),
}
"""The usages that a field belongs to; elsewhere it would be ignored."""


def check_coherence(request: PanelRequest, room_corners: int) -> None:
    """Refuse what the usage would silently ignore, what is said twice, and what is missing.

    `room_corners` is how many corners every cold room has. Raises `InvalidRequest`.
    """
    _check_usage(request, room_corners)
    _check_groups(request)
    _check_runs(request)
    if request.length_m is None and request.panel_groups is None:
        raise _required(request, "length_m", "panel_groups", example="5.0")
    counted = request.quantity_panels or request.panel_groups or request.wall_runs_m
    if request.width_m is None and counted is None:
        raise _required(request, "width_m", "quantity_panels", example="11.0")


def _check_usage(request: PanelRequest, room_corners: int) -> None:
    for name, (usages, why) in _BELONGS.items():
        if getattr(request, name) not in (None, "none") and request.usage not in usages:
            raise _out_of_place(request, name, why)
    corners = {"techo": 0, "camara": room_corners, "pared": request.corners_ext}[request.usage]
    if request.corners_ext not in (None, 0, corners):
        raise _out_of_place(request, "corners_ext", f"here it is always {corners}")


def _check_groups(request: PanelRequest) -> None:
    if request.panel_groups is None:
        return
    for name in ("length_m", "quantity_panels"):
        if getattr(request, name) is not None:
            raise _said_twice(request, name, "panel_groups says it")


def _check_runs(request: PanelRequest) -> None:
    if request.wall_runs_m is None:
        return
    for name in ("width_m", "quantity_panels"):
        if getattr(request, name) is not None:
            raise _said_twice(request, name, "wall_runs_m says it")
    if request.panel_groups is not None:
        raise _said_twice(request, "wall_runs_m", "which panels stand in which run is not known; give width_m instead")


def _out_of_place(request: PanelRequest, name: str, why: str) -> InvalidRequest:
    return _refused(request, name, f"leave it out of a request for {request.usage}; {why}")


def _said_twice(request: PanelRequest, name: str, why: str) -> InvalidRequest:
    return _refused(request, name, f"leave it out; {why}")


def _refused(request: PanelRequest, name: str, why: str) -> InvalidRequest:
    received = request.model_dump(mode="json", include={name})[name]
    return InvalidRequest(f"request.{name}: {why}", field=f"request.{name}", received=shown(received))


def _required(request: PanelRequest, name: str, instead: str, example: str) -> InvalidRequest:
    """`instead` is the field that roofs and walls may have in its place."""
    otherwise = "" if request.usage == "camara" else f", or give {instead}"
    return InvalidRequest(
        f"request.{name}: this field is required{otherwise}", field=f"request.{name}", example=example
    )
