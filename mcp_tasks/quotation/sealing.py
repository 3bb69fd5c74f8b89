"""Silicone and butyl tape, by the metres of joint that they seal."""

from decimal import Decimal

from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.takeoff import Sheet
from mcp_tasks.quotation.wording import comma


def seal(sheet: Sheet, metres: Decimal) -> None:
    """ceil(metres / 8) tubes of silicone, ceil(metres / 22.5) rolls of tape."""
    per_tube, per_roll = sheet.rules.common.silicone_m_per_tube, sheet.rules.common.butyl_m_per_roll
    sheet.add("silicona", how_many(metres, per_tube), f"juntas: {comma(metres)} m, {comma(per_tube)} m por pomo")
    sheet.add("cinta_butilo", how_many(metres, per_roll), f"juntas: {comma(metres)} m, {comma(per_roll)} m por rollo")
