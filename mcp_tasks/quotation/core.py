"""Which system is meant: a family for a usage, in the core that was said or that alone is left."""

from collections.abc import Iterable, Mapping

from mcp_tasks.errors import InvalidRequest, SystemNotSupported
from mcp_tasks.quotation.catalog import Catalog, Panel
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.rules import System


def system_for(request: PanelRequest, systems: Mapping[str, System], catalog: Catalog) -> str:
    """The id of the system. A core that was left out is the one that the thickness or the span leaves.

    Raises `SystemNotSupported` for a family that is not made for the usage, and `InvalidRequest` for a core that it is
    not made in, or when it has to be said.
    """
    pair = (request.product_family, request.usage)
    made = {system.core: name for name, system in systems.items() if (system.family, system.usage) == pair}
    if not made:
        raise _no_such_pair(request, systems.values())
    panels = {core: catalog.panels_of(systems[name].code, request.usage) for core, name in made.items()}
    core = request.core_type or _left(request, panels)
    if core is None or core not in made:
        raise _say_which(request, panels)
    return made[core]


def _left(request: PanelRequest, panels: Mapping[str, tuple[Panel, ...]]) -> str | None:
    """The only core that will do: made in every thickness asked for, or else recommended for the span."""
    will_do = [core for core, made in panels.items() if len(panels) == 1 or _will_do(request, made)]
    return will_do[0] if len(will_do) == 1 else None


def _will_do(request: PanelRequest, panels: Iterable[Panel]) -> bool:
    if request.thicknesses_mm:
        return {panel.thickness_mm for panel in panels}.issuperset(request.thicknesses_mm)
    span = request.span_m
    return span is None or any((panel.max_span_m or 0) >= span for panel in panels if not panel.discouraged)


def _say_which(request: PanelRequest, panels: Mapping[str, tuple[Panel, ...]]) -> InvalidRequest:
    cores = list(panels)
    made = [f"{core} ({', '.join(str(panel.thickness_mm) for panel in made)} mm)" for core, made in panels.items()]
    return InvalidRequest(
        f"request.core_type: say which core; {request.product_family} is made in {' and '.join(made)}",
        field="request.core_type",
        received=request.core_type,
        allowed=cores,
        nearest=cores[0] if len(cores) == 1 else None,
    )


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
