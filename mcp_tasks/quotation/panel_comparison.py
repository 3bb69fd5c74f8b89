"""What a comparison of panels takes and answers, before anybody knows the dimensions of the building."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from mcp_tasks.quotation.catalog_query import ItemPrice
from mcp_tasks.quotation.fields import LengthM, Model, Number, Whole, one_of
from mcp_tasks.quotation.terms import Core, Family, Usage

Rule = Literal["cheapest_within_comfort", "thinnest_that_carries", "none_carries"]


class PanelsQuery(Model):
    """Which panels to compare; everything that is given must hold."""

    product_family: Annotated[Family, one_of(*get_args(Family))] | None = Field(
        default=None, description="Only this family; all that are made for the usage otherwise"
    )
    core_type: Annotated[Core, one_of(*get_args(Core))] | None = Field(default=None, description="Only this core")
    usage: Annotated[Usage, one_of(*get_args(Usage))] | None = Field(
        default=None, description="techo is a roof, pared a wall, camara a cold room; techo when span_m is given"
    )
    span_m: LengthM | None = Field(default=None, description="techo only: distance between supports, in m")
    thicknesses_mm: Annotated[tuple[Annotated[Whole, Field(gt=0, le=1000)], ...], Field(min_length=1, max_length=8)] | (
        None
    ) = Field(default=None, description="Only these, 1 to 8, for example [100, 150]")


class ComparedPanel(Model):
    """A panel. What is not known is null, and `missing` says so; `ratio` and `carries` are null without a span.

    `saving_pct` is how much less heat flows than through `saving_against_mm`, the thinnest that is compared of its
    family and core.
    """

    sku: str
    name_es: str
    family: Family
    core: Core
    thickness_mm: int
    max_span_m: Number | None
    ratio: Number | None = Field(description="Span by the longest it carries; over 0.85 is near_max")
    carries: bool | None
    near_max: bool | None
    price: ItemPrice | None = Field(description="Of 1 m2")
    weight_kg_m2: Number | None
    resistance_m2k_w: Number | None = Field(description="R of the core")
    transmittance_w_m2k: Number | None = Field(description="U")
    saving_pct: Number | None
    saving_against_mm: int | None
    advice: tuple[str, ...]


class Recommended(Model):
    """Which panel to take for the span, by which rule; `sku` is null when none carries it."""

    sku: str | None
    rule: Rule
    text: str


class ThermalSource(Model):
    """A value that the thermal figures were made with, and where it was published."""

    fact: str
    value: str
    source: str
    note: str


class PanelComparison(Model):
    """The panels, those that carry the span first and the cheapest of these first; texts are Spanish."""

    usage: Usage | None
    span_m: Number | None
    panels: tuple[ComparedPanel, ...]
    recommended: Recommended | None = Field(description="Only with a span")
    formula: str
    sources: tuple[ThermalSource, ...]
    assumptions: tuple[str, ...]
    missing: tuple[str, ...] = Field(description="What is not known; say so, never guess it")
    notice: str
