"""The quotation as a document: for whom, which lines at which prices, under which terms."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Bom, BomLine, Section, WarningCode
from mcp_tasks.quotation.fields import LengthM, Model, Money, Number, Percent, Whole, cents, one_of, plain
from mcp_tasks.quotation.printable import AbsentWhenBlank, Label, Name, Paragraph, Title, Word

MAX_LINES = 500

Language = Literal["es", "en"]
CommentStyle = Literal["normal", "bold", "red", "bold_red"]

QuotationId = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Day = Annotated[datetime.date, Field(ge=datetime.date(2000, 1, 1), le=datetime.date(2099, 12, 31))]
Quantity = Annotated[Number, Field(gt=0, le=10_000_000, decimal_places=3)]
UnitPrice = Annotated[Number, Field(ge=0, le=1_000_000, decimal_places=4)]
Supports = Annotated[Whole, Field(ge=1, le=1_000)]

_USES = {"techo": "Techo", "pared": "Fachada", "camara": "Cámara frigorífica"}
_FOR_THE_CLIENT: frozenset[WarningCode] = frozenset(
    {
        "span_exceeds_max",
        "intermediate_supports_required",
        "panels_do_not_cover_width",
        "panels_of_several_lengths",
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
"""The warnings that whoever builds with the material has to know; the others are for whoever quotes."""


class Client(Model):
    """Whom the quotation is for."""

    name: Name
    address: Annotated[Name | None, AbsentWhenBlank] = None
    phone: Annotated[Label | None, AbsentWhenBlank] = None
    email: Annotated[Title | None, AbsentWhenBlank] = None
    tax_id: Annotated[Label | None, AbsentWhenBlank] = None


class Comment(Model):
    """A sentence below the totals."""

    text: Paragraph
    style: Annotated[CommentStyle, one_of("normal", "bold", "red", "bold_red")] = "normal"


class QuotationLine(Model):
    """One row of the table. `unit_price` is in USD per `unit`, with or without tax as the quotation says.

    Lines of one `part` (its title) are printed together, in the order in which parts first appear.
    """

    section: Annotated[Section, one_of("paneles", "accesorios", "fijaciones")]
    name: Name
    unit: Word
    quantity: Quantity
    unit_price: UnitPrice
    total: Money | None = None
    part: Annotated[Title | None, AbsentWhenBlank] = None

    @property
    def amount(self) -> Decimal:
        """Quantity x unit price, half-up to the cent: the only total that is ever printed."""
        return cents(self.quantity * self.unit_price)

    @field_validator("total")
    @classmethod
    def _total_is_the_product(cls, total: Decimal | None, info: ValidationInfo) -> Decimal | None:
        line = info.data
        if total is None or not line.keys() >= {"name", "quantity", "unit_price"}:
            return total
        right = cents(line["quantity"] * line["unit_price"])
        if total != right:
            product = f"{plain(line['quantity'])} x {plain(line['unit_price'])} = {plain(right)}"
            raise ValueError(f"the total of {line['name']!r} is {plain(right)} ({product}), not {plain(total)}")
        return total


class Quotation(Model):
    """Everything that is printed on a quotation and is not the company's.

    `comments` come after the company's standard ones. `discount_pct` is taken from the lines;
    `shipping_usd` is added after it, with the tax treatment of the prices; without it the document says
    that freight is not included. `span_m` is printed as "Autoportancia", the span that the panel carries.
    With `alternatives` the parts are options of which the client takes one: each has a total of its own, with the
    discount and the freight, and there is no sum of them. `revision` is printed from 2 on.
    """

    quotation_id: QuotationId | None = None
    client: Client
    title: Annotated[Title | None, AbsentWhenBlank] = None
    date: Day | None = None
    lines: Annotated[tuple[QuotationLine, ...], Field(min_length=1, max_length=MAX_LINES)]
    discount_pct: Percent | None = None
    shipping_usd: Money | None = None
    prices_include_tax: bool
    currency: Annotated[Literal["USD"], one_of("USD")] = "USD"
    comments: Annotated[tuple[Comment, ...] | None, Field(max_length=30)] = None
    span_m: LengthM | None = None
    supports: Supports | None = None
    alternatives: bool = False
    revision: Annotated[Whole, Field(ge=1, le=999)] = 1
    language: Annotated[Language, one_of("es", "en")] = "es"


def quotation_from_bom(
    bom: Bom,
    client: Client,
    *,
    title: str | None = None,
    date: datetime.date | None = None,
    quotation_id: str | None = None,
) -> Quotation:
    """The quotation that sells what `bom` counted, with the same totals to the cent.

    Its comments carry what the client has to know of the calculation: what was assumed, the warnings that
    touch the building, the lines that have no price (they are not in the total) and the notice about the
    engineer. Raises pydantic's ValidationError when no line at all has a price.
    """
    return Quotation(
        quotation_id=quotation_id,
        client=client,
        title=title or _title(bom),
        date=date,
        lines=tuple(_line(line, line.unit_price) for line in bom.lines if line.unit_price is not None),
        discount_pct=_discount_pct(bom.totals.discount, bom.totals.materials),
        shipping_usd=bom.totals.shipping or None,
        prices_include_tax=bom.totals.prices_include_tax,
        comments=tuple(_comments(bom)),
        span_m=bom.span and bom.span.max_span_m,
        supports=bom.supports_per_panel,
    )


def _title(bom: Bom) -> str:
    """As in "Techo ISODEC EPS 100 mm": system ids begin with the use, and the panel is the first line."""
    return f"{_USES[bom.system.partition('_')[0]]} {bom.lines[0].name_es}"


def _line(line: BomLine, unit_price: Decimal) -> QuotationLine:
    return QuotationLine(
        section=line.section,
        name=_printed_name(line),
        unit=line.unit,
        quantity=line.quantity,
        unit_price=unit_price,
    )


def _printed_name(line: BomLine) -> str:
    """Panels are sold by area, so the name says how many and how long: 10 p. de 5,00 m."""
    if line.panels is None or line.length_m is None:
        return line.name_es
    return f"{line.name_es} \N{EN DASH} {line.panels} p. de {spanish.metres(line.length_m)}"


def _discount_pct(discount: Decimal, materials: Decimal) -> Decimal | None:
    """The shortest percentage that gives this very discount."""
    if not discount:
        return None
    exact = discount / materials * 100
    rounded = (round(exact, places) for places in range(28))
    return next(pct for pct in rounded if cents(materials * pct / 100) == discount)


def _comments(bom: Bom) -> Iterator[Comment]:
    if bom.assumptions:
        yield Comment(text=" ".join(["Supuestos del cálculo:", *(assumed.text for assumed in bom.assumptions)]))
    for warning in bom.warnings:
        if warning.code in _FOR_THE_CLIENT:
            yield Comment(text=warning.text, style="bold_red")
    for line in bom.lines:
        if line.unit_price is None:
            amount = spanish.quantity(line.quantity, line.unit)
            text = f"Sin precio, no está en el total: {line.name_es} ({amount} {spanish.unit(line.unit)})."
            yield Comment(text=text, style="bold_red")
    yield Comment(text=bom.notice)
