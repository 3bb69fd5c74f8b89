"""From a request to its bill of materials: the one way through the product.

request -> understand (or refuse) -> take off the quantities -> price them -> Bom
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from mcp_tasks.quotation import cold_room, roof, wall
from mcp_tasks.quotation.bom import Bom, BomWarning, Status
from mcp_tasks.quotation.colour import check_colour, made_colour
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.pricing import accessory_line, estimated, panel_lines, totals
from mcp_tasks.quotation.project import Project, sold_edges, understand
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.takeoff import Measures, Sheet
from mcp_tasks.quotation.terms import Usage
from mcp_tasks.quotation.wording import NOTICE, questions

_TAKE_OFF: dict[Usage, Callable[[Sheet], Measures]] = {
    "techo": roof.take_off,
    "pared": wall.take_off,
    "camara": cold_room.take_off,
}


def check(request: PanelRequest, knowledge: Knowledge) -> None:
    """Refuse what cannot be calculated, before anything is stored.

    Raises `SystemNotSupported`, `ThicknessNotAvailable`, `UnknownPriceList` or `InvalidRequest`, each with the
    field, the allowed values and, where there is one, the nearest.
    """
    understand(request, knowledge)


def calculate(request: PanelRequest, knowledge: Knowledge, today: date) -> Bom:
    """The bill of materials of `request`, priced; `today` tells the age of the price list.

    Raises what `check` raises. Formulas: BOM specification, sections 2 to 8.
    """
    project = understand(request, knowledge)
    sheet = Sheet(project, knowledge.catalog, knowledge.rules)
    if request.structure is None and not request.panels_only:
        sheet.assume("structure", project.structure)
    measures = _TAKE_OFF[request.usage](sheet)
    check_colour(sheet, measures.panel_area_m2)
    panels = panel_lines(project, measures, made_colour(project, knowledge.rules))
    lines = (*panels, *(accessory_line(item, project.prices) for item in sheet.items))
    missing = tuple(dict.fromkeys(line.kind for line in lines if line.total is None))
    return Bom(
        status=_status(missing=bool(missing), assumed=bool(sheet.assumptions)),
        system=project.system_id,
        project_area_m2=measures.project_area_m2,
        panel_area_m2=measures.panel_area_m2,
        panel_count=measures.panel_count,
        supports_per_panel=measures.supports_per_panel,
        fixing_points=measures.fixing_points,
        points_per_rod=measures.points_per_rod,
        perimeter_m=measures.perimeter_m,
        joint_m=measures.joint_m,
        weight_kg=_weight(project, measures),
        lines=lines,
        warnings=(*_advice(project), *sheet.warnings, *estimated(lines, project.prices)),
        assumptions=tuple(sheet.assumptions),
        questions=questions(
            sheet.assumptions,
            knowledge.rules.shipping if request.shipping_usd is None else None,
            sold_edges(project.panel, knowledge.catalog),
        ),
        missing_prices=missing,
        span=measures.span,
        totals=totals(lines, project),
        price_list=project.prices.info(today),
        notice=NOTICE,
    )


def _status(*, missing: bool, assumed: bool) -> Status:
    if missing:
        return "incomplete"
    return "provisional" if assumed else "final"


def _weight(project: Project, measures: Measures) -> Decimal | None:
    """Of the panels alone; None for the panels whose weight nobody published."""
    per_m2 = project.panel.weight_kg_m2
    return None if per_m2 is None else cents(measures.panel_area_m2 * per_m2)


def _advice(project: Project) -> list[BomWarning]:
    """What the catalog has to say about the panel, whatever is built of it."""
    panel = project.panel
    return [
        BomWarning(code=advice.code, text=f"{panel.name_es}: {advice.text_es}.", data={"sku": panel.sku})
        for advice in panel.advice
    ]
