"""A cold room: four walls and a ceiling. Read beside the BOM specification, section 5.

Nw wall panels and Nc ceiling panels of useful width au; L and W inner length and width, H inner height.
"""

from mcp_tasks.quotation.counting import how_many
from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.layout import Batch, BilledBatch, panels_in, the_length
from mcp_tasks.quotation.limits import check_lengths
from mcp_tasks.quotation.sealing import seal
from mcp_tasks.quotation.takeoff import Measures, Sheet
from mcp_tasks.quotation.wall import anchors, channels_and_corners, screws_and_rivets
from mcp_tasks.quotation.wording import comma


def take_off(sheet: Sheet) -> Measures:
    """Measure a cold room, and write down its accessories in the order of the quotation."""
    request, room, useful_width = sheet.project.request, sheet.rules.cold_room, sheet.project.panel.useful_width_m
    length, width, height = the_length(request), request.width_m, request.height_m
    assert width is not None, "a cold room without width was refused"
    if height is None:
        height = room.default_height_m
        sheet.assume("height_m", height)
    check_lengths(sheet, list(dict.fromkeys((height, length))))

    run = 2 * (length + width)
    wall_panels, ceiling_panels = how_many(run, useful_width), how_many(width, useful_width)
    pieces = (Batch(wall_panels, height), Batch(ceiling_panels, length))
    panels = panels_in(pieces)
    area = cents(wall_panels * useful_width * height + ceiling_panels * useful_width * length)
    joint = (wall_panels - 1) * height + 2 * run + (ceiling_panels - 1) * length + run

    walls = f"pared {wall_panels} x {comma(useful_width)} m x {comma(height)} m"
    ceiling = f"cielo {ceiling_panels} x {comma(useful_width)} m x {comma(length)} m"
    sheet.warn("door_and_floor_not_included")
    if not request.panels_only:
        channels_and_corners(sheet, [run], height, room.corners_ext)
        anchors(sheet, wall_panels)
        screws_and_rivets(sheet, area, panels)
        seal(sheet, joint)
        if sheet.project.structure == "hormigon":
            sheet.warn("ceiling_fixing_undefined_for_hormigon")
    return Measures(
        project_area_m2=cents(run * height + length * width),
        batches=(BilledBatch(_pieces(*pieces), area, f"{walls} + {ceiling}"),),
        joint_m=joint,
    )


def _pieces(walls: Batch, ceiling: Batch) -> tuple[Batch, ...]:
    """Panels of the walls and of the ceiling; one batch where the room is as high as it is long."""
    if walls.length == ceiling.length:
        return (Batch(walls.panels + ceiling.panels, walls.length),)
    return walls, ceiling
