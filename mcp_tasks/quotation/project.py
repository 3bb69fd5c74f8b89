"""A request that was understood: every choice made, or refused with the values that would have been taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from mcp_tasks.errors import InvalidRequest, SystemNotSupported
from mcp_tasks.quotation.catalog import Catalog, Panel
from mcp_tasks.quotation.coherence import check_coherence
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
    system_id = _system(request, knowledge.rules.systems)
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


def _system(request: PanelRequest, systems: Mapping[str, System]) -> str:
    """The id of the system that the family is in that usage, with the core that was asked for."""
    pair = (request.product_family, request.usage)
    made = {system.core: name for name, system in systems.items() if (system.family, system.usage) == pair}
    if not made:
        raise _no_such_pair(request, systems.values())
    if request.core_type is None and len(made) == 1:
        return next(iter(made.values()))
    if request.core_type is None or request.core_type not in made:
        cores = list(made)
        raise InvalidRequest(
            f"request.core_type: say which core; {request.product_family} is made in {' and '.join(cores)}",
            field="request.core_type",
            received=request.core_type,
            allowed=cores,
            nearest=cores[0] if len(cores) == 1 else None,
        )
    return made[request.core_type]


def _no_such_pair(request: PanelRequest, systems: Iterable[System]) -> SystemNotSupported:
    pairs = list(dict.fromkeys((system.family, system.usage) for system in systems))
    shown = [{"product_family": family, "usage": usage} for family, usage in pairs]
    of_family = [pair for pair in shown if pair["product_family"] == request.product_family]
    return SystemNotSupported(
        f"request.usage: {request.product_family} is not made for {request.usage}; "
        f"it is for {' and '.join(pair['usage'] for pair in of_family)}",
        field="request.usage",
        received={"product_family": request.product_family, "usage": request.usage},
        allowed=shown,
        nearest=of_family[0] if of_family else None,
    )


def _check_top_edge(request: PanelRequest, panel: Panel, catalog: Catalog) -> None:
    """Refuse an edge profile that nobody sells for the panel."""
    if request.top_edge is None or request.top_edge == "none" or request.panels_only:
        return
    sold = [edge for edge in get_args(EdgeProfile) if catalog.resolve(edge, panel.code, panel.thickness_mm).sku]
    if request.top_edge not in sold:
        raise InvalidRequest(
            f"request.top_edge: no {request.top_edge} is sold for {panel.name_es}",
            field="request.top_edge",
            received=request.top_edge,
            allowed=[*sold, "none"],
        )


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
