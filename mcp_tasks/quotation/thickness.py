"""Which panel of a system: the thickness that was asked for, or the thinnest that can be advised for the span."""

from collections.abc import Sequence

from mcp_tasks.errors import ThicknessNotAvailable
from mcp_tasks.quotation.catalog import Panel
from mcp_tasks.quotation.fields import plain
from mcp_tasks.quotation.request import PanelRequest


def panel_for(request: PanelRequest, panels: Sequence[Panel]) -> Panel:
    """The panel that is quoted, of the `panels` of its system (thinnest first).

    Raises `ThicknessNotAvailable` also for a thickness that is only compared.
    """
    made = {panel.thickness_mm: panel for panel in panels}
    for wanted in request.thicknesses_mm:
        if wanted not in made:
            raise _not_made(request, wanted, panels)
    if request.thicknesses_mm:
        return made[request.thicknesses_mm[0]]
    return _thinnest(request, panels)


def _thinnest(request: PanelRequest, panels: Sequence[Panel]) -> Panel:
    """The first that carries `span_m`; how near that is to its maximum is for a warning to say.

    What is discouraged is taken only when nothing else carries it.
    """
    span = request.span_m
    if span is None:
        instead = ", or give span_m: the thinnest that carries it is taken" if request.usage == "techo" else ""
        raise _refused(f"say which thickness{instead}", panels)
    best = panels[0]
    for panel in sorted(panels, key=lambda p: p.discouraged):
        if panel.max_span_m is not None and panel.max_span_m >= span:
            return panel
        best = max(best, panel, key=lambda p: p.max_span_m or 0)
    assert best.max_span_m is not None, "the catalog has a maximum span for every roof panel"
    raise _refused(
        f"none carries a span of {plain(span)} m; {best.thickness_mm} mm carries the most, {plain(best.max_span_m)} m: "
        "bring the supports that near, or give thickness_mm to see how many more are needed",
        panels,
        nearest=best.thickness_mm,
    )


def _not_made(request: PanelRequest, wanted: int, panels: Sequence[Panel]) -> ThicknessNotAvailable:
    available = [panel.thickness_mm for panel in panels]
    return _refused(
        f"{panels[0].family} {panels[0].core} is not made in {wanted} mm",
        panels,
        field="thickness_mm" if wanted == request.thickness_mm else "compare_thicknesses",
        received=wanted,
        nearest=min(available, key=lambda mm: (abs(mm - wanted), -mm)),
    )


def _refused(
    why: str,
    panels: Sequence[Panel],
    *,
    field: str = "thickness_mm",
    received: int | None = None,
    nearest: int | None = None,
) -> ThicknessNotAvailable:
    available = [panel.thickness_mm for panel in panels]
    return ThicknessNotAvailable(
        f"request.{field}: {why}; available: {', '.join(map(str, available))}",
        field=f"request.{field}",
        received=received,
        allowed=available,
        nearest=nearest,
        available_mm=available,
    )
