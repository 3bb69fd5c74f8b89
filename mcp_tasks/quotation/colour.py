"""The colour of the panels: made, made later, made from some area on, or not made. Warned, never refused."""

from decimal import Decimal

from mcp_tasks.quotation.project import Project
from mcp_tasks.quotation.rules import Rules
from mcp_tasks.quotation.takeoff import Sheet
from mcp_tasks.quotation.terms import Colour


def made_colour(project: Project, rules: Rules) -> Colour | None:
    """The colour that was asked for, where the panel is made in it."""
    colour, panel = project.request.colour, project.panel
    return colour if colour and rules.colours[colour].makes(panel.core, panel.thickness_mm) else None


def check_colour(sheet: Sheet, area_m2: Decimal) -> None:
    """Say what the colour of the request means for panels of `area_m2` billed."""
    colour, system = sheet.project.request.colour, sheet.project.system
    if colour is None:
        return
    rule = sheet.rules.colours[colour]
    if made_colour(sheet.project, sheet.rules) is None:
        panels = sheet.catalog.panels_of(system.code, system.usage)
        made = [panel.thickness_mm for panel in panels if rule.makes(panel.core, panel.thickness_mm)]
        sheet.warn("colour_not_available", colour=colour, thicknesses_mm=made)
        return
    if rule.extra_days:
        sheet.warn("colour_takes_longer", colour=colour, extra_days=rule.extra_days)
    least = rule.min_area_m2.get(system.family)
    if least is not None and area_m2 < least:
        sheet.warn("colour_needs_minimum_area", colour=colour, min_area_m2=least, area_m2=area_m2)
