"""What a customer wants to build: the input of every calculation.

Descriptions are written for the language model that fills the request in. What is left out is either a
default named there or declared among the assumptions of the result. Whether the values go together is for
`quote.check`, which knows the catalog.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, TypeAdapter

from mcp_tasks.quotation.fields import LengthM, Model, Money, Percent, RunM, ThicknessMm, Whole, one_of
from mcp_tasks.quotation.terms import Colour, Core, Eave, Family, RoofType, Structure, TopEdge, Usage

MAX_PANELS = 10_000
MAX_RUN_M = 5_000


class PanelGroup(Model):
    """So many panels of one length."""

    quantity: Annotated[Whole, Field(ge=1, le=MAX_PANELS)] = Field(description="Number of panels, all slopes")
    length_m: LengthM = Field(description="Along the panel, up to 100 m")


def _not_too_many(groups: Sequence[PanelGroup]) -> Sequence[PanelGroup]:
    panels = sum(group.quantity for group in groups)
    if panels > MAX_PANELS:
        raise ValueError(f"the groups have {panels} panels together; up to {MAX_PANELS} can be calculated at once")
    return groups


def _not_too_long(runs: Sequence[Decimal]) -> Sequence[Decimal]:
    if sum(runs) > MAX_RUN_M:
        raise ValueError(f"the runs are {sum(runs)} m together; up to {MAX_RUN_M} m can be calculated at once")
    return runs


PanelGroups = Annotated[tuple[PanelGroup, ...], Field(min_length=1, max_length=50), AfterValidator(_not_too_many)]
WallRuns = Annotated[tuple[RunM, ...], Field(min_length=1, max_length=50), AfterValidator(_not_too_long)]


def _all_different(thicknesses: Sequence[int]) -> Sequence[int]:
    if len(set(thicknesses)) < len(thicknesses):
        raise ValueError("name each thickness once")
    return thicknesses


Thicknesses = Annotated[tuple[ThicknessMm, ...], Field(min_length=2, max_length=8), AfterValidator(_all_different)]


_OneEave = Annotated[Eave, one_of(*get_args(Eave))]


@cache
def _eave_adapters() -> tuple[TypeAdapter[Eave], TypeAdapter[tuple[Eave, ...]]]:
    """For one eave, and for a list of them."""
    return TypeAdapter[Eave](_OneEave), TypeAdapter[tuple[Eave, ...]](tuple[_OneEave, ...])


def _by_its_type(value: object) -> Eave | tuple[Eave, ...]:
    """Read as what it is, so that a refusal names the values of that alone, not of a union."""
    one, several = _eave_adapters()
    return several.validate_python(value) if isinstance(value, list | tuple) else one.validate_python(value)


def _as_it_is(eaves: Eave | tuple[Eave, ...]) -> Any:
    """For JSON, where pydantic takes the list that a tuple becomes for something unexpected."""
    return eaves


Eaves = Annotated[
    Eave | tuple[Eave, ...],
    PlainValidator(_by_its_type, json_schema_input_type=Eave | tuple[Eave, ...]),
    PlainSerializer(_as_it_is),
]
"""What is along the eaves: the same along all of them, or one for each slope."""


class PanelRequest(Model):
    """A roof (techo), a wall (pared) or a cold room (camara) of insulated panels. Lengths are metres."""

    product_family: Annotated[Family, one_of(*get_args(Family))] = Field(
        description="techo: ISODEC or ISOROOF; pared: ISOPANEL, ISOWALL or ISOFRIG; camara: ISOFRIG"
    )
    core_type: Annotated[Core, one_of(*get_args(Core))] | None = Field(
        default=None,
        description="Insulating core; ISODEC needs it unless thickness_mm or span_m leaves one",
    )
    thickness_mm: ThicknessMm | None = Field(
        default=None,
        description="Panel thickness (espesor) in mm, for example 100. Of a roof with span_m it may be left out: the "
        "thinnest recommended one that carries the span is taken",
    )
    compare_thicknesses: Thicknesses | None = Field(
        default=None,
        description="2 to 8 thicknesses in mm to compare in one table, as in 'opciones de 150, 200 y 250'; the lines "
        "are of thickness_mm, or else of the first",
    )
    usage: Annotated[Usage, one_of(*get_args(Usage))] = Field(
        description="techo is a roof, pared a wall, camara a cold room"
    )
    length_m: LengthM | None = Field(
        default=None,
        description="Along the panel, up to 100 m: slope (largo) of a roof, height of a wall, inner length of a cold "
        "room. Needed unless panel_groups is given",
    )
    width_m: RunM | None = Field(
        default=None,
        description="Across the panels, up to 500 m: eave of a roof, run of a wall, inner width of a cold room. "
        "May be left out when quantity_panels, panel_groups or wall_runs_m is given",
    )
    height_m: LengthM | None = Field(default=None, description="camara only: inner height, up to 100 m (3 is assumed)")
    structure: Annotated[Structure, one_of(*get_args(Structure))] | None = Field(
        default=None, description="What the panels are fixed to; metal is assumed, madera for ISOROOF"
    )
    quantity_panels: Annotated[Whole, Field(ge=1, le=MAX_PANELS)] | None = Field(
        default=None,
        description="techo and pared: total number of panels, all slopes; overrides width_m for the count",
    )
    panel_groups: PanelGroups | None = Field(
        default=None,
        description="techo and pared: panels of several lengths in one roof or wall, as in '3 de 12 m + 6 de 10 m'; "
        "instead of length_m and quantity_panels",
    )
    wall_runs_m: WallRuns | None = Field(
        default=None,
        description="pared only: the runs (paños) of several walls of one height, as in '45 + 15 + 45'; instead of "
        "width_m and quantity_panels",
    )
    roof_type: Annotated[RoofType, one_of(*get_args(RoofType))] | None = Field(
        default=None, description="techo only, default 1_agua; length_m is per slope"
    )
    span_m: LengthM | None = Field(
        default=None, description="techo only: distance between supports; the panel's maximum is assumed"
    )
    top_edge: Annotated[TopEdge, one_of(*get_args(TopEdge))] | None = Field(
        default=None, description="techo only: profile of the upper edge; 2_aguas has a cumbrera unless given"
    )
    eave: Eaves | None = Field(
        default=None, description="techo only: drip edge (default) or gutter along the eave; a list has one per slope"
    )
    corners_ext: Annotated[Whole, Field(ge=0, le=10_000)] | None = Field(
        default=None, description="pared only: outer corners (esquinas), default 0"
    )
    panels_only: bool = Field(
        default=False,
        description="true ('solo'): no profiles, fixings or sealants, whatever eave, top_edge and corners_ext say",
    )
    colour: Annotated[Colour, one_of(*get_args(Colour))] | None = Field(
        default=None, description="Colour (color) of the panels; not every panel is made in each"
    )
    price_list: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="Id of a price list; default the newest"
    )
    discount_pct: Percent | None = Field(default=None, description="Percent off the materials, 0 to 100")
    shipping_usd: Money | None = Field(default=None, description="Freight in USD; not charged unless given")
    ask_missing: bool = Field(
        default=False,
        description="true: the task asks for a missing span_m or structure instead of assuming it; see questions",
    )

    @property
    def thicknesses_mm(self) -> tuple[int, ...]:
        """The thicknesses that are asked for, the one that is quoted first; none where the span decides.

        A `thickness_mm` that is not among those to compare is compared with them.
        """
        main = () if self.thickness_mm is None else (self.thickness_mm,)
        return tuple(dict.fromkeys((*main, *(self.compare_thicknesses or ()))))
