"""The sheet on which a calculation is written down: what to buy, and what there is to say about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mcp_tasks.quotation.bom import Assumption, BomWarning, SpanVerdict, WarningCode
from mcp_tasks.quotation.catalog import Catalog, Piece
from mcp_tasks.quotation.counting import cut_length, how_many
from mcp_tasks.quotation.layout import BilledBatch
from mcp_tasks.quotation.project import Project
from mcp_tasks.quotation.rules import Rules
from mcp_tasks.quotation.terms import BarKind, Kind
from mcp_tasks.quotation.wording import Fact, assumption, comma, warning


@dataclass(frozen=True, slots=True)
class Item:
    """So much of a piece, and how that was reached, in words."""

    piece: Piece
    quantity: int
    formula: str


@dataclass(frozen=True, slots=True)
class Measures:
    """The dimensions and counts of what is built: metres and m2 (areas rounded to two decimals)."""

    project_area_m2: Decimal
    batches: tuple[BilledBatch, ...]
    supports_per_panel: int | None = None
    fixing_points: int | None = None
    points_per_rod: int | None = None
    perimeter_m: Decimal | None = None
    joint_m: Decimal | None = None
    span: SpanVerdict | None = None

    @property
    def panel_area_m2(self) -> Decimal:
        """The billed area."""
        return sum((batch.area for batch in self.batches), Decimal(0))

    @property
    def panel_count(self) -> int:
        return sum(batch.panels for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One calculation in the making; accessories are resolved to products as they are written down."""

    project: Project
    catalog: Catalog
    rules: Rules
    items: list[Item] = field(default_factory=list[Item])
    warnings: list[BomWarning] = field(default_factory=list[BomWarning])
    assumptions: list[Assumption] = field(default_factory=list[Assumption])

    def add(self, kind: Kind, quantity: int, formula: str) -> None:
        """Write down `quantity` whole pieces of `kind`."""
        self.put(self.piece(kind), quantity, formula)

    def cut(self, kind: BarKind, runs: Sequence[Decimal]) -> None:
        """Write down the bars that equal `runs` of a roof profile are cut from; warn when they barely suffice.

        bars = ceil(cut length / stock), with the stock length of the product itself. Source: BOM specification,
        section 2.
        """
        piece = self.piece(kind)
        stock, overlap = piece.bar_m, self.rules.common.profile_overlap_m
        needed = cut_length(runs, stock, overlap)
        bars = how_many(needed, stock)
        spare = bars * stock - needed
        if spare * 100 < self.rules.common.tight_cut_pct * sum(runs):
            self.warn("tight_cut", piece=kind, bars=bars, spare_m=spare)
        lengths = f"tramos: {len(runs)} x {comma(runs[0])} m"
        self.put(piece, bars, f"{lengths}, empalmes de {comma(overlap)} m, en barras de {comma(stock)} m")

    def piece(self, kind: Kind) -> Piece:
        """The product for `kind`; warn when it is made for a thinner panel."""
        panel = self.project.panel
        piece = self.catalog.resolve(kind, panel.code, panel.thickness_mm)
        if piece.made_for_mm is not None:
            self.warn("nearest_lower_thickness", piece=kind, thickness_mm=panel.thickness_mm, used_mm=piece.made_for_mm)
        return piece

    def put(self, piece: Piece, quantity: int, formula: str) -> None:
        """Write down `quantity` whole pieces of a product that was resolved before."""
        self.items.append(Item(piece, quantity, formula))

    def warn(self, code: WarningCode, **data: Fact) -> None:
        """Say something that a person should know before ordering."""
        self.warnings.append(warning(code, **data))

    def assume(self, field_name: str, value: Decimal | str, **data: Decimal) -> None:
        """Declare a value that the request left open and that changes quantities; `data` is for its text."""
        self.assumptions.append(assumption(field_name, value, **data))
