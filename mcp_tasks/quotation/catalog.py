"""What is sold: panels and accessories, and which product a kind of accessory resolves to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from mcp_tasks.quotation.bom import WarningCode
from mcp_tasks.quotation.fields import LengthM, Model, Number
from mcp_tasks.quotation.terms import BarKind, Core, Family, Kind, Unit, Usage

UNIVERSAL = "UNIVERSAL"
_KINDS: frozenset[str] = frozenset(get_args(Kind))
_BARS: frozenset[str] = frozenset(get_args(BarKind))
_MAY_BE_THINNER: frozenset[Kind] = frozenset({"gotero_frontal", "gotero_superior", "canalon"})

Text = Annotated[str, Field(min_length=1, max_length=200)]
SearchWord = Annotated[str, Field(pattern="^[a-z0-9]+$", max_length=40)]
ThicknessMm = Annotated[int, Field(strict=True, gt=0, le=500)]
Source = dict[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a kind of accessory came to; `sku` is None when nobody sells it for that panel.

    `made_for_mm` is set when the piece is made for a thinner panel than the one asked for.
    """

    kind: Kind
    sku: str | None
    name_es: str
    unit: Unit
    stock_length_m: Decimal | None
    made_for_mm: int | None = None

    @property
    def bar_m(self) -> Decimal:
        """The stock length of a piece that is cut from bars; the catalog has one for each of those."""
        assert self.stock_length_m is not None
        return self.stock_length_m


class Advice(Model):
    """A warning that every calculation with the panel carries."""

    code: WarningCode
    text_es: Text


class Panel(Model):
    """A panel. `max_span_m` is the longest distance between supports it carries as a roof."""

    sku: Text
    aliases: tuple[Text, ...]
    family: Family
    core: Core
    code: Text
    thickness_mm: ThicknessMm
    name_es: Text
    uses: tuple[Usage, ...]
    useful_width_m: Annotated[Number, Field(gt=0, le=10)]
    min_length_m: LengthM
    max_length_m: LengthM
    max_span_m: LengthM | None
    weight_kg_m2: Annotated[Number, Field(gt=0, le=1000)] | None
    active: bool
    variant: Text | None = None
    advice: tuple[Advice, ...]
    source: Source

    @property
    def discouraged(self) -> bool:
        """Whether it is sold, but never to be proposed."""
        return any(advice.code == "thickness_discouraged" for advice in self.advice)

    @model_validator(mode="after")
    def _a_roof_has_a_span(self) -> Self:
        if "techo" in self.uses and self.max_span_m is None:
            raise ValueError("a roof panel needs max_span_m")
        return self

    @model_validator(mode="after")
    def _some_length_is_made(self) -> Self:
        if self.min_length_m > self.max_length_m:
            raise ValueError("min_length_m is more than max_length_m")
        return self


class Accessory(Model):
    """A profile, a fixing or a sealant. `thickness_mm` is null when it serves every panel of its `families`."""

    sku: Text
    aliases: tuple[Text, ...]
    kind: Text
    families: tuple[Text, ...]
    thickness_mm: tuple[ThicknessMm, ...] | None
    stock_length_m: Annotated[Number, Field(ge=1, le=100)] | None
    unit: Unit
    name_es: Text
    source: Source

    @model_validator(mode="after")
    def _a_bar_has_a_length(self) -> Self:
        if self.kind in _BARS and self.stock_length_m is None:
            raise ValueError(f"{self.kind} needs stock_length_m")
        return self

    def piece(self, kind: Kind, made_for_mm: int | None = None) -> Piece:
        return Piece(kind, self.sku, self.name_es, self.unit, self.stock_length_m, made_for_mm)


class Catalog(Model):
    """The products file. `synonyms` are other words, in lower case without accents, for those of names and uses."""

    schema_version: Literal[1]
    synonyms: dict[SearchWord, SearchWord] = Field(default={})
    panels: tuple[Panel, ...]
    accessories: tuple[Accessory, ...]

    def resolve(self, kind: Kind, code: str, thickness_mm: int) -> Piece:
        """The product that serves as `kind` on a panel of that family code and thickness.

        In this order: the family's own for the thickness; the family's for any thickness; the family's for the
        nearest lower thickness (only drip edges and gutters); the universal one; none, with its `sku` left
        open. Never the first of its kind. Source: BOM specification, section 7.
        """
        rows = self._by_kind[kind]
        ours = [row for row in rows if code in row.families]
        for row in ours:
            if row.thickness_mm is not None and thickness_mm in row.thickness_mm:
                return row.piece(kind)
        for row in ours:
            if row.thickness_mm is None:
                return row.piece(kind)
        if kind in _MAY_BE_THINNER:
            thinner = [(mm, row) for row in ours for mm in row.thickness_mm or () if mm < thickness_mm]
            if thinner:
                mm, row = max(thinner, key=lambda pair: pair[0])
                return row.piece(kind, made_for_mm=mm)
        for row in rows:
            if UNIVERSAL in row.families:
                return row.piece(kind)
        return self._unsold(kind)

    def panels_of(self, code: str, usage: Usage) -> tuple[Panel, ...]:
        """The panels that can be ordered, thinnest first: neither withdrawn nor a special variant."""
        found = (p for p in self.panels if p.code == code and usage in p.uses and p.active and p.variant is None)
        return tuple(sorted(found, key=lambda p: p.thickness_mm))

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The unit that each SKU is sold in; panels are sold by area."""
        units: dict[str, Unit] = {panel.sku: "m2" for panel in self.panels}
        units.update((row.sku, row.unit) for row in self.accessories)
        return units

    @cached_property
    def names(self) -> dict[str, str]:
        """What each SKU is called, in Spanish."""
        return {product.sku: product.name_es for product in (*self.panels, *self.accessories)}

    @cached_property
    def _by_kind(self) -> dict[str, list[Accessory]]:
        kinds: dict[str, list[Accessory]] = {}
        for row in self.accessories:
            kinds.setdefault(row.kind, []).append(row)
        return kinds

    def _unsold(self, kind: Kind) -> Piece:
        """A piece without SKU, cut from the shortest bar of its kind so that the estimate is not too low."""
        rows = self._by_kind[kind]
        stock = min((row.stock_length_m for row in rows if row.stock_length_m is not None), default=None)
        return Piece(kind, None, kind.replace("_", " ").capitalize(), rows[0].unit, stock)

    @model_validator(mode="after")
    def _every_answer_is_unique(self) -> Self:
        _unique("SKU or alias", (name for p in (*self.panels, *self.accessories) for name in (p.sku, *p.aliases)))
        _unique("panel", ((p.code, p.thickness_mm, p.variant) for p in self.panels))
        _unique(
            "accessory",
            (
                (row.kind, code, mm)
                for row in self.accessories
                for code in row.families
                for mm in (row.thickness_mm or (None,))
            ),
        )
        return self

    @model_validator(mode="after")
    def _every_kind_is_sold(self) -> Self:
        missing = sorted(_KINDS - {row.kind for row in self.accessories})
        if missing:
            raise ValueError(f"no accessory of kind {', '.join(missing)}")
        return self


def _unique(what: str, names: Iterable[object]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise ValueError(f"{what} given twice: {repeated[0]}")
