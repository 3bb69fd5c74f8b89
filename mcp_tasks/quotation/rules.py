"""The numbers behind the formulas: how many fixings, how far apart, how much a tube seals.

In the file every number stands with where it comes from, `{"value": ..., "source": ...}`; here it is the
plain value.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mcp_tasks.quotation.fields import Model, Money, Number, Percent
from mcp_tasks.quotation.terms import Colour, Core, EdgeProfile, Family, RodPart, RoofScrew, RoofType, Structure, Usage

T = TypeVar("T")


class _Fact(Model):
    value: Any
    source: str
    note: str = ""


def _value(fact: object) -> Any:
    return _Fact.model_validate(fact).value


def _every(*names: str) -> AfterValidator:
    """A validator for tables that must have exactly these rows, so that no calculation misses one."""

    def complete(table: dict[str, T]) -> dict[str, T]:
        if table.keys() != set(names):
            raise ValueError(f"the rows must be {', '.join(names)}")
        return table

    return AfterValidator(complete)


Sourced = Annotated[T, BeforeValidator(_value)]
Metres = Annotated[Number, Field(gt=0, le=100)]
ShortM = Annotated[Number, Field(gt=0, lt=1)]
RodLengthM = Annotated[Number, Field(ge=1, le=10)]
RodExtraM = Annotated[Number, Field(ge=0, lt=Decimal("0.5"))]
Count = Annotated[int, Field(strict=True, ge=1, le=100)]
Millimetres = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Common(Model):
    """What holds for every system."""

    profile_overlap_m: Sourced[ShortM]
    tight_cut_pct: Sourced[Percent]
    profile_fixing_spacing_m: Sourced[Metres]
    silicone_m_per_tube: Sourced[Metres]
    butyl_m_per_roll: Sourced[Metres]
    min_supports: Sourced[Count]
    span_comfort_ratio: Sourced[Annotated[Number, Field(gt=0, le=1)]]
    gutter_support_m: Sourced[Metres]


class RodFixing(Model):
    """ISODEC roofs: a threaded rod through the panel at every point."""

    edge_spacing_m: Sourced[Metres]
    points_per_panel_per_support: Sourced[Count]
    rod_length_m: Sourced[RodLengthM]
    max_points_per_rod: Sourced[Count]
    rod_extra_m: Sourced[Annotated[dict[Structure, RodExtraM], _every(*get_args(Structure))]]
    per_point: Sourced[Annotated[dict[Structure, dict[RodPart, Count]], _every(*get_args(Structure))]]


class SaddleFixing(Model):
    """ISOROOF roofs: a saddle and a screw on every rib."""

    saddles_per_panel_per_support: Sourced[Count]
    lateral_spacing_m: Sourced[Metres]
    screw_by_structure: Sourced[Annotated[dict[Structure, RoofScrew], _every("metal", "madera")]]
    hormigon_rod_extra_m: Sourced[RodExtraM]
    rod_length_m: Sourced[RodLengthM]


class AnchorFixing(Model):
    """Walls and cold rooms: anchors to the slab, screws over the area, rivets at the joints."""

    anchor_spacing_m: Sourced[Metres]
    t2_per_m2: Sourced[Annotated[Number, Field(gt=0, le=100)]]
    rivets_per_panel: Sourced[Count]


class FixingSystems(Model):
    rod: RodFixing
    saddle_screw: SaddleFixing
    anchor_screw: AnchorFixing


class ColdRoom(Model):
    """What every cold room has."""

    corners_ext: Sourced[Count]
    default_height_m: Sourced[Metres]


class System(Model):
    """A panel family and core in one use; `code` is the catalog's code of the family."""

    name_es: str
    family: Family
    core: Core
    code: str
    usage: Usage
    fixing: Literal["rod", "saddle_screw", "anchor_screw"]
    source: str

    @model_validator(mode="after")
    def _only_roofs_have_rods_and_saddles(self) -> Self:
        if (self.usage == "techo") == (self.fixing == "anchor_screw"):
            raise ValueError(f"{self.fixing} does not fix a {self.usage}")
        return self


def _each_once(systems: dict[str, System]) -> dict[str, System]:
    """Of two systems for the same panels and use, the last would be taken without a word."""
    names: dict[tuple[str, str, str], str] = {}
    for name, system in systems.items():
        first = names.setdefault((system.family, system.core, system.usage), name)
        if first != name:
            raise ValueError(f"{name} is the same family, core and usage as {first}")
    return systems


class RoofShape(Model):
    """How many equal slopes, what covers the ridge, and whether a person must look at the quantities."""

    slopes: Count
    ridge: EdgeProfile | None
    review: bool = False


class ColourRule(Model):
    """What is made in a colour, how many days longer it takes, and from which area on, where a family has a minimum."""

    cores: tuple[Core, ...] = get_args(Core)
    min_mm: Millimetres = 1
    max_mm: Millimetres = 1000
    extra_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 0
    min_area_m2: dict[Family, Annotated[Number, Field(gt=0, le=100_000)]] = Field(default={})

    @model_validator(mode="after")
    def _some_thickness_is_made(self) -> Self:
        if self.min_mm > self.max_mm:
            raise ValueError("min_mm is more than max_mm")
        return self

    def makes(self, core: Core, thickness_mm: int) -> bool:
        return core in self.cores and self.min_mm <= thickness_mm <= self.max_mm


class ShippingHints(Model):
    """What freight usually costs, for the question about it; never charged by itself."""

    montevideo_usd: Money
    maldonado_usd: Money
    interior_usd: Money


class Rules(Model):
    """The rules file."""

    schema_version: Literal[1]
    id: str
    common: Common
    fixing_systems: FixingSystems
    cold_room: ColdRoom
    systems: Annotated[dict[str, System], AfterValidator(_each_once)]
    roof_types: Annotated[dict[RoofType, RoofShape], _every(*get_args(RoofType))]
    default_structure: Sourced[Annotated[dict[Family, Structure], _every(*get_args(Family))]]
    shipping: Sourced[ShippingHints]
    colours: Annotated[dict[Colour, Sourced[ColourRule]], _every(*get_args(Colour))]
