"""The quotation as a document: for whom, which lines at which prices, under which terms."""

import datetime
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from mcp_tasks.quotation.bom import Bom, BomLine, BomOption, Section, Totals
from mcp_tasks.quotation.fields import LengthM, Model, Money, Number, Percent, Whole, cents, one_of, plain
from mcp_tasks.quotation.printable import AbsentWhenBlank, Label, Name, Paragraph, Title, Word
from mcp_tasks.quotation.remarks import remarks
from mcp_tasks.quotation.sale_words import WORDS, SaleWords

MAX_LINES = 500
MAX_COMMENTS = 30

Language = Literal["es", "en"]
CommentStyle = Literal["normal", "bold", "red", "bold_red"]

QuotationId = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Day = Annotated[datetime.date, Field(ge=datetime.date(2000, 1, 1), le=datetime.date(2099, 12, 31))]
Quantity = Annotated[Number, Field(gt=0, le=10_000_000, decimal_places=3)]
UnitPrice = Annotated[Number, Field(ge=0, le=1_000_000, decimal_places=4)]
Supports = Annotated[Whole, Field(ge=1, le=1_000)]

_LONGEST_TITLE = 200
_LONGEST_PARAGRAPH = 600
_DASH = " \N{EN DASH} "
_HALF_A_CENT = Decimal("0.005")


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
    comments: Annotated[tuple[Comment, ...] | None, Field(max_length=MAX_COMMENTS)] = None
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
    language: Language = "es",
) -> Quotation:
    """The quotation that sells what `bom` counted, with the same totals to the cent.

    Of an order of several parts it has the parts; of thicknesses that are compared it has each as an alternative.
    Its comments carry what the client has to know of the calculation: what was assumed, the warnings that
    touch the building, the lines that have no price (they are not in the total) and the notice about the
    engineer. Raises pydantic's ValidationError when no line at all has a price.
    """
    words = WORDS[language]
    return Quotation(
        quotation_id=quotation_id,
        client=client,
        title=title or _title(bom, words),
        date=date,
        lines=tuple(_options(bom, words) if bom.comparison else _lines(bom, words)),
        discount_pct=discount_of(*[option.totals for option in bom.comparison] or [bom.totals]),
        shipping_usd=_freight(bom),
        prices_include_tax=bom.totals.prices_include_tax,
        comments=tuple(comments_of(bom, words)),
        span_m=None if bom.comparison else bom.span and bom.span.max_span_m,
        supports=None if bom.comparison else bom.supports_per_panel,
        alternatives=bool(bom.comparison),
        language=language,
    )


def _freight(bom: Bom) -> Decimal | None:
    """None where nobody gave it, which the bill asks about; none to pay was given, too."""
    return None if any(question.field == "shipping_usd" for question in bom.questions) else bom.totals.shipping


def _title(bom: Bom, words: SaleWords) -> str:
    """What is sold, in as many of its parts as fit in a title."""
    if bom.comparison:
        thicknesses = ", ".join(str(option.thickness_mm) for option in bom.comparison)
        return f"{words.title(bom.title).replace(f' {bom.comparison[0].thickness_mm} mm', '')}: {thicknesses} mm"
    unnumbered = dict.fromkeys(re.sub(r" \(\d+\)$", "", part.title) for part in bom.parts)
    titles = [words.title(title) for title in unnumbered or (bom.title,)]
    shown = len(titles)
    while shown > 1 and len(_and_more(titles, shown, words)) > _LONGEST_TITLE:
        shown -= 1
    return _and_more(titles, shown, words)


def _and_more(titles: Sequence[str], shown: int, words: SaleWords) -> str:
    rest = [words.more_parts.format(n=len(titles) - shown)] if shown < len(titles) else []
    return " + ".join([*titles[:shown], *rest])


def _lines(bom: Bom, words: SaleWords) -> Iterator[QuotationLine]:
    titles = {part.part: words.title(part.title) for part in bom.parts}
    for line in bom.lines:
        if line.unit_price is not None:
            yield QuotationLine(
                section=line.section,
                name=_printed_name(line, words),
                unit=line.unit,
                quantity=line.quantity,
                unit_price=line.unit_price,
                part=None if line.part is None else titles[line.part],
            )


def _options(bom: Bom, words: SaleWords) -> Iterator[QuotationLine]:
    """Each option with its panels, and with one sum for its accessories and one for its fixings."""
    for option in bom.comparison:
        part = option.name_es
        if option.max_span_m is not None:
            part += f"{_DASH}{words.longest_span.format(length=words.metres(option.max_span_m))}"
        if option.supports_per_panel is not None:
            part += f", {words.supports.format(n=option.supports_per_panel)}"
        yield from (line.model_copy(update={"part": part}) for line in _panels_of(option, bom, words))
        if option.accessories:
            yield _in_one("accesorios", words.accessories, option.accessories, part)
        if option.fixings:
            yield _in_one("fijaciones", words.fixings, option.fixings, part)


def _panels_of(option: BomOption, bom: Bom, words: SaleWords) -> Iterator[QuotationLine]:
    """The panels of an option by their lengths, which are those of the bill; in one sum where its areas are others."""
    price = option.unit_price
    if price is None:
        return
    lines = [line for line in bom.lines if line.section == "paneles"]
    if sum(cents(price * line.quantity) for line in lines) != option.panels:
        in_all = words.panels_in_all.format(n=option.panel_count)
        yield _in_one("paneles", f"{option.name_es}{_DASH}{in_all}", option.panels)
        return
    for line in lines:
        name = _printed_name(line.model_copy(update={"name_es": option.name_es}), words)
        yield QuotationLine(section="paneles", name=name, unit=line.unit, quantity=line.quantity, unit_price=price)


def _in_one(section: Section, name: str, amount: Decimal, part: str | None = None) -> QuotationLine:
    return QuotationLine(section=section, name=name, unit="global", quantity=Decimal(1), unit_price=amount, part=part)


def _printed_name(line: BomLine, words: SaleWords) -> str:
    """Panels are sold by area, so the name says how many and how long: 10 p. de 5,00 m."""
    lengths = words.lengths(line)
    return f"{line.name_es}{_DASH}{lengths}" if lengths else line.name_es


def discount_of(*sums: Totals) -> Decimal | None:
    """The shortest percentage that gives each of them its very discount."""
    given = [totals for totals in sums if totals.discount]
    if not given:
        return None
    least = max((totals.discount - _HALF_A_CENT) / totals.materials * 100 for totals in given)
    rounded = (least.quantize(Decimal(1).scaleb(-places), rounding=ROUND_CEILING) for places in range(20))
    return next(pct for pct in rounded if all(cents(t.materials * pct / 100) == t.discount for t in given))


def comments_of(bom: Bom, words: SaleWords) -> Iterator[Comment]:
    """What the client has to know of the calculation behind `bom`, as comments of its quotation."""
    said = remarks(bom, words, MAX_COMMENTS, _LONGEST_PARAGRAPH)
    yield from (Comment(text=text) for text in said.assumed)
    yield from (Comment(text=text, style="bold_red") for text in said.warned)
    if said.notice:
        yield Comment(text=said.notice)
