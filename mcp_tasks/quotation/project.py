"""A request that was understood: every choice made, or refused with the values that would have been taken."""

from dataclasses import dataclass
from typing import get_args

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.catalog import Catalog, Panel
from mcp_tasks.quotation.coherence import check_coherence
from mcp_tasks.quotation.core import system_for
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.rules import System
from mcp_tasks.quotation.terms import EdgeProfile, Structure
from mcp_tasks.quotation.thickness import panel_for


@dataclass(frozen=True, slots=True)
class Project:
    """What is to be built: the request with its system, panel, structure and price list."""

    request: PanelRequest
    system_id: str
    system: System
    panel: Panel
    structure: Structure
    prices: PriceList


def understand(request: PanelRequest, knowledge: Knowledge) -> Project:
    """Make every choice that the request asks for.

    Raises `SystemNotSupported`, `ThicknessNotAvailable`, `UnknownPriceList` or `InvalidRequest`.
    """
    system_id = system_for(request, knowledge.rules.systems, knowledge.catalog)
    system = knowledge.rules.systems[system_id]
    check_coherence(request, room_corners=knowledge.rules.cold_room.corners_ext)
    panel = panel_for(request, knowledge.catalog.panels_of(system.code, system.usage))
    _check_top_edge(request, panel, knowledge.catalog)
    _check_eaves(request, slopes=knowledge.rules.roof_types[request.roof_type or "1_agua"].slopes)
    return Project(
        request=request,
        system_id=system_id,
        system=system,
        panel=panel,
        structure=request.structure or knowledge.rules.default_structure[request.product_family],
        prices=knowledge.price_list(request.price_list),
    )


def _check_top_edge(request: PanelRequest, panel: Panel, catalog: Catalog) -> None:
    """Refuse an edge profile that nobody sells for the panel."""
    if request.top_edge is None or request.top_edge == "none" or request.panels_only:
        return
    sold = sold_edges(panel, catalog)
    if request.top_edge not in sold:
        raise InvalidRequest(
            f"request.top_edge: no {request.top_edge} is sold for {panel.name_es}",
            field="request.top_edge",
            received=request.top_edge,
            allowed=[*sold, "none"],
        )


def sold_edges(panel: Panel, catalog: Catalog) -> list[EdgeProfile]:
    """The profiles for the upper edge that there are for the panel."""
    return [edge for edge in get_args(EdgeProfile) if catalog.resolve(edge, panel.code, panel.thickness_mm).sku]


def _check_eaves(request: PanelRequest, slopes: int) -> None:
    """Refuse eaves that are not one for each slope."""
    if isinstance(request.eave, tuple) and len(request.eave) != slopes:
        raise InvalidRequest(
            f"request.eave: a list has one for each slope, and {request.roof_type or '1_agua'} is calculated with "
            f"{slopes}; give {slopes}, or one word for all",
            field="request.eave",
            received=list(request.eave),
            example=["canalon", "gotero_frontal"][:slopes],
        )
