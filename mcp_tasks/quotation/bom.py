"""What a calculation answers: the bill of materials of one request, priced.

Pure values without arithmetic, so that whoever reads a stored result (the document, the faces) needs
none of the rules. Decimals go out as strings; texts for people are Spanish.
"""

import datetime
from typing import Literal

from mcp_tasks.quotation.fields import Model, Number
from mcp_tasks.quotation.terms import Unit

Section = Literal["paneles", "accesorios", "fijaciones"]
Status = Literal["final", "provisional", "incomplete"]
WarningCode = Literal[
    "span_assumed_max",
    "span_not_given",
    "span_near_max",
    "span_exceeds_max",
    "span_longer_than_panel",
    "intermediate_supports_required",
    "panel_longer_than_max",
    "panel_shorter_than_min",
    "panels_do_not_cover_width",
    "panels_uneven_between_slopes",
    "panels_of_several_lengths",
    "roof_type_needs_review",
    "top_edge_not_specified",
    "tight_cut",
    "nearest_lower_thickness",
    "door_and_floor_not_included",
    "ceiling_fixing_undefined_for_hormigon",
    "interior_partitions_only",
    "thickness_discouraged",
    "minimum_order_area",
    "colour_not_available",
    "colour_takes_longer",
    "colour_needs_minimum_area",
    "prices_changed",
    "prices_estimated",
]

_FOR_THE_CLIENT: frozenset[WarningCode] = frozenset(
    {
        "span_exceeds_max",
        "intermediate_supports_required",
        "panel_longer_than_max",
        "panel_shorter_than_min",
        "panels_do_not_cover_width",
        "roof_type_needs_review",
        "door_and_floor_not_included",
        "ceiling_fixing_undefined_for_hormigon",
        "interior_partitions_only",
        "minimum_order_area",
        "colour_not_available",
        "colour_takes_longer",
        "colour_needs_minimum_area",
    }
)

_USES = {"techo": "Techo", "pared": "Fachada", "camara": "Cámara frigorífica"}
"""What is built, by the word that system ids begin with; the panel is the first line."""


class Pieces(Model):
    """So many panels of one length, in metres."""

    panels: int
    length_m: Number


class BomLine(Model):
    """One thing to buy. `sku`, `unit_price` and `total` are null where nobody sells it or no price is known.

    Panels of several lengths have `pieces` instead of `length_m`.
    `part` is the number of the part that it belongs to, where the order has several.
    """

    kind: str
    sku: str | None
    name_es: str
    quantity: Number
    unit: Unit
    unit_price: Number | None
    total: Number | None
    formula: str
    panels: int | None = None
    length_m: Number | None = None
    pieces: tuple[Pieces, ...] = ()
    part: int | None = None

    @property
    def section(self) -> Section:
        """The part of the quotation it is printed in: panels are sold by area, profiles by the piece."""
        if self.unit == "m2":
            return "paneles"
        return "accesorios" if self.unit == "pieza" else "fijaciones"


class BomWarning(Model):
    """What a person should know before ordering; `data` holds the numbers of `text`.

    With `part` or `option_mm` (a thickness) in `data` it is about that alone.
    """

    code: WarningCode
    text: str
    data: dict[str, str | int | list[int] | list[str]]

    @property
    def for_client(self) -> bool:
        """Whether whoever builds with the material has to know it; the others are for whoever quotes."""
        return self.code in _FOR_THE_CLIENT


class Assumption(Model):
    """A value that the request left open and that changes quantities."""

    field: str
    value: str
    text: str


class Question(Model):
    """What to ask the customer; `field` of the request takes the answer.

    Where several parts ask the same, it names the field of each: "requests.0.structure, requests.1.structure".
    """

    field: str
    text: str


class SpanVerdict(Model):
    """Whether the panel carries the distance between supports.

    `span_m`, `ratio` (span / maximum, three decimals) and `ok` are null when no span was given: nothing was
    judged. `supports_if_kept` and `thicker_options_mm` are the two ways out of a span that is too long.
    """

    span_m: Number | None
    max_span_m: Number
    ratio: Number | None
    ok: bool | None
    thicker_options_mm: tuple[int, ...]
    supports_if_kept: int | None


class Totals(Model):
    """The sums in `currency`, to the cent. `materials`, `discount` and `shipping` are taxed as the list is."""

    materials: Number
    discount: Number
    shipping: Number
    net: Number
    vat: Number
    total: Number
    currency: str
    prices_include_tax: bool


class PriceListInfo(Model):
    """The price list that was used; `stale` when it was older than 60 days on the day of the calculation."""

    id: str
    date: datetime.date
    age_days: int
    stale: bool


class BomPart(Model):
    """One of several things that are quoted together: a roof and a wall, say. Its lines carry its number, from 1.

    The measures are those of `Bom`; `materials` is the sum of its priced lines.
    """

    part: int
    title: str
    system: str
    project_area_m2: Number
    panel_area_m2: Number
    panel_count: int
    supports_per_panel: int | None
    fixing_points: int | None
    points_per_rod: int | None
    perimeter_m: Number | None
    joint_m: Number | None
    weight_kg: Number | None
    span: SpanVerdict | None
    materials: Number


class BomOption(Model):
    """The same order in one of the thicknesses that are compared. The panel's price is per m2.

    `panels`, `accessories` and `fixings` are the sums of its priced lines by section, `totals` what it comes to.
    `span_ok` is null when no span was given; `max_span_m` is null for what is not a roof. `warnings` are
    for the client.
    """

    thickness_mm: int
    sku: str
    name_es: str
    panel_count: int
    panel_area_m2: Number
    unit_price: Number | None
    weight_kg: Number | None
    supports_per_panel: int | None
    max_span_m: Number | None
    span_ok: bool | None
    panels: Number
    accessories: Number
    fixings: Number
    totals: Totals
    missing_prices: tuple[str, ...]
    warnings: tuple[BomWarning, ...] = ()


class Bom(Model):
    """The bill of materials. Roofs have `perimeter_m`, supports and `span`; walls and cold rooms `joint_m`.

    An order of several parts has `parts`, whose areas, panels and weights it sums up; what belongs to one part alone
    is null. Where thicknesses are compared, `comparison` has a row for each, and `warnings` are those of all of them;
    everything else is of the first. `notice` is empty where nothing is built.
    """

    status: Status
    system: str
    project_area_m2: Number
    panel_area_m2: Number
    panel_count: int
    supports_per_panel: int | None
    fixing_points: int | None
    points_per_rod: int | None
    perimeter_m: Number | None
    joint_m: Number | None
    weight_kg: Number | None
    lines: tuple[BomLine, ...]
    warnings: tuple[BomWarning, ...]
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]
    missing_prices: tuple[str, ...]
    span: SpanVerdict | None
    totals: Totals
    price_list: PriceListInfo
    notice: str
    parts: tuple[BomPart, ...] = ()
    comparison: tuple[BomOption, ...] = ()

    @property
    def title(self) -> str:
        """As in "Techo ISODEC EPS 100 mm"; of several parts the titles of all."""
        if self.parts:
            return " + ".join(part.title for part in self.parts)
        use = _USES.get(self.system.partition("_")[0])
        return f"{use} {self.lines[0].name_es}" if use else "Accesorios"
