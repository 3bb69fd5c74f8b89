"""A quotation in the shape of the original guide and its PDF generator: read, checked, and translated.

`unit_base` says what the unit price of a line is for (BOM specification, section 8): m2, the billed area; ml, the
metres, quantity x `length_m` where a length is given; pieces, the quantity, whatever their length.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Section
from mcp_tasks.quotation.document import (
    MAX_LINES,
    Client,
    Comment,
    Day,
    Quantity,
    Quotation,
    QuotationId,
    QuotationLine,
    UnitPrice,
)
from mcp_tasks.quotation.fields import LengthM, Model, Money, Number, cents, plain
from mcp_tasks.quotation.numbers import COUNT, DOLLARS
from mcp_tasks.quotation.printable import AbsentWhenBlank, Label, Name, Printable, Title
from mcp_tasks.spelling import folded

UnitBase = Literal["m2", "ml", "unidad", "pieza", "pomo", "rollo"]

_UNITS: dict[str, UnitBase] = {
    "m2": "m2",
    "ml": "ml",
    "unidad": "unidad",
    "unidades": "unidad",
    "unit": "unidad",
    "pieza": "pieza",
    "piezas": "pieza",
    "pomo": "pomo",
    "pomos": "pomo",
    "rollo": "rollo",
    "rollos": "rollo",
}
_SECTIONS: dict[UnitBase, Section] = {"m2": "paneles", "ml": "accesorios", "pieza": "accesorios"}
"""Where lines are printed that come in `items`; what is not here goes to the fixings."""

_SUPPORTS = re.compile(r"([0-9]{1,4})(?:\s+(\S.*)|\s*(\(.*))?", re.ASCII)
_MOST_USD = 100_000_000
_MOST_COMMENTS = 29  # one less than a quotation takes: the words about the supports may become one


def _without_noise(value: object) -> object:
    """A binary float without what its arithmetic left behind: 56.00000000000001 is 56."""
    return round(value, 6) if isinstance(value, float) else value


def _to_the_cent(value: object) -> object:
    """An amount that a program computed, half-up to the cent; what somebody wrote is taken as written."""
    if not isinstance(value, float) or not abs(value) <= _MOST_USD:  # which is refused with its bounds
        return value
    return cents(Decimal(repr(round(value, 6))))


def _unit(value: object) -> object:
    return _UNITS.get(folded(value), value) if isinstance(value, str) else value


def _supports(value: object) -> object:
    """The supports as text: a number, or a number and words about it, as in "3 (cada 2.75 m)"."""
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else str(COUNT.whole(value))
    found = _SUPPORTS.fullmatch(text)
    if text and not (found and 1 <= int(found[1]) <= 1_000):
        raise ValueError('write how many supports there are, such as 3 or "3 (cada 2.75 m)", 1 to 1000')
    return text


def _comment(value: object) -> object:
    """A pair of text and style as the fields of a comment."""
    match value:
        case (str() as text, str() as style):
            return {"text": text, "style": style}
        case _:
            raise ValueError('write a pair of text and style, such as ["Sin descarga", "bold"]')


_Noiseless = BeforeValidator(_without_noise)
Total = Annotated[Number, BeforeValidator(DOLLARS.decimal), Field(ge=0, le=_MOST_USD)]
"""An amount that is compared to the cent, so that it may have more digits than `Money`."""


class PublishedLine(Model):
    """A line; `total_usd`, where it is given, must be the one that its unit leads to, to the cent.

    `total_m2` is the billed area of a line in m2, whose quantity is then that area or the number of panels.
    """

    name: Annotated[str, Field(min_length=1, max_length=250), Printable]
    unit_base: Annotated[UnitBase, BeforeValidator(_unit)]
    quantity: Annotated[Quantity, _Noiseless]
    unit_price_usd: Annotated[UnitPrice, _Noiseless]
    length_m: Annotated[LengthM | None, _Noiseless] = None
    total_m2: Annotated[Quantity | None, _Noiseless, Field(validate_default=True)] = None
    total_usd: Annotated[Total | None, _Noiseless] = None

    @property
    def billed(self) -> Decimal:
        """How many of the units, of which each costs the unit price."""
        return _billed(self.unit_base, self.quantity, self.length_m, self.total_m2)

    def line(self, section: Section) -> QuotationLine:
        """What is printed; what the columns do not say of panels and pieces goes into the name."""
        return QuotationLine(
            section=section,
            name=" \N{EN DASH} ".join([self.name, *self._pieces()]),
            unit=self.unit_base,
            quantity=self.billed,
            unit_price=self.unit_price_usd,
        )

    def _pieces(self) -> Iterator[str]:
        length = None if self.length_m is None else spanish.metres(self.length_m)
        if self.unit_base in {"m2", "ml"} and self.billed != self.quantity:
            count = f"{spanish.quantity(self.quantity, 'pieza')} p."
            yield f"{count} de {length}" if length else count
        elif length:
            yield f"largo {length}"

    @field_validator("length_m")
    @classmethod
    def _metres_can_be_written(cls, length_m: Decimal | None, info: ValidationInfo) -> Decimal | None:
        line = info.data
        if length_m is None or line.get("unit_base") != "ml" or "quantity" not in line:
            return length_m
        metres = line["quantity"] * length_m
        if metres != round(metres, 3):
            product = f"{plain(line['quantity'])} x {plain(length_m)} = {plain(metres)}"
            raise ValueError(f"quantity x length_m has more than three decimals ({product}); round the length")
        return length_m

    @field_validator("total_m2")
    @classmethod
    def _area_is_clear(cls, total_m2: Decimal | None, info: ValidationInfo) -> Decimal | None:
        line = info.data
        if line.get("unit_base") != "m2" or not line.keys() >= {"quantity", "length_m"}:
            return total_m2
        quantity: Decimal = line["quantity"]
        may_be_panels = quantity == quantity.to_integral_value()
        if total_m2 is None and line["length_m"] is not None and may_be_panels:
            raise ValueError("give the billed area in m2: with length_m, quantity may be it or the number of panels")
        if total_m2 is not None and quantity != total_m2 and not may_be_panels:
            raise ValueError(
                f"the quantity {plain(quantity)} is neither this area nor a whole number of panels; correct one of them"
            )
        return total_m2

    @field_validator("total_usd")
    @classmethod
    def _total_follows_the_unit(cls, total_usd: Decimal | None, info: ValidationInfo) -> Decimal | None:
        line = info.data
        if total_usd is None or not line.keys() >= cls.model_fields.keys() - {"total_usd"}:
            return total_usd
        billed = _billed(line["unit_base"], line["quantity"], line["length_m"], line["total_m2"])
        right = cents(billed * line["unit_price_usd"])
        if cents(total_usd) != right:
            product = f"{plain(billed)} {line['unit_base']} x {plain(line['unit_price_usd'])} = {plain(right)}"
            raise ValueError(f"the total of {line['name']!r} is {plain(right)} ({product}), not {plain(total_usd)}")
        return right


class Product(PublishedLine):
    """A line of panels, in m2 unless it says otherwise."""

    unit_base: Annotated[UnitBase, BeforeValidator(_unit)] = "m2"


class Fixing(PublishedLine):
    """A line of fixings or sealants, in units unless it says otherwise."""

    unit_base: Annotated[UnitBase, BeforeValidator(_unit)] = "unidad"


class PublishedQuotation(Model):
    """The payload of the guide's `generate_quotation_pdf`.

    Lines are `items`, or sorted into `products`, `accessories` and `fixings`, or both. Accessories and items must
    give their `unit_base`: a profile's price is for a piece or for a metre. Prices include tax, as in the published
    generator, unless `prices_include_tax` is false; freight is charged only when it is given. `autoportancia` is the
    span in metres, `apoyos` the number of supports. `comments` come after the company's standard ones.
    """

    quotation_id: QuotationId | None = None
    client_name: Name
    client_address: Annotated[Name | None, AbsentWhenBlank] = None
    client_phone: Annotated[Label | None, AbsentWhenBlank] = None
    date: Annotated[Day | None, AbsentWhenBlank] = None
    quote_description: Annotated[Title | None, AbsentWhenBlank] = None
    items: tuple[PublishedLine, ...] = ()
    products: tuple[Product, ...] = ()
    accessories: tuple[PublishedLine, ...] = ()
    fixings: tuple[Fixing, ...] = ()
    shipping_usd: Annotated[Money | None, BeforeValidator(_to_the_cent)] = None
    prices_include_tax: bool = True
    comments: Annotated[
        tuple[Annotated[Comment, BeforeValidator(_comment)], ...] | None, Field(max_length=_MOST_COMMENTS)
    ] = None
    autoportancia: Annotated[LengthM | None, _Noiseless, AbsentWhenBlank] = None
    apoyos: Annotated[Label | None, AbsentWhenBlank, BeforeValidator(_supports)] = None

    def quotation(self) -> Quotation:
        """The quotation that sells these lines."""
        supports, words = _read_supports(self.apoyos)
        about = [Comment(text=f"Apoyos: {self.apoyos}.")] if words else []
        return Quotation(
            quotation_id=self.quotation_id,
            client=Client(name=self.client_name, address=self.client_address, phone=self.client_phone),
            title=self.quote_description,
            date=self.date,
            lines=tuple(self._lines()),
            shipping_usd=self.shipping_usd,
            prices_include_tax=self.prices_include_tax,
            comments=(*about, *(self.comments or ())) or None,
            span_m=self.autoportancia,
            supports=supports,
        )

    def _lines(self) -> Iterator[QuotationLine]:
        for item in self.items:
            yield item.line(_SECTIONS.get(item.unit_base, "fijaciones"))
        sorted_lines: Iterable[tuple[Section, tuple[PublishedLine, ...]]] = (
            ("paneles", self.products),
            ("accesorios", self.accessories),
            ("fijaciones", self.fixings),
        )
        for section, lines in sorted_lines:
            yield from (line.line(section) for line in lines)

    @model_validator(mode="after")
    def _lines_can_be_sold(self) -> Self:
        in_sections = (*self.products, *self.accessories, *self.fixings)
        if not 1 <= len(self.items) + len(in_sections) <= MAX_LINES:
            raise ValueError(f"give 1 to {MAX_LINES} lines: in items, or sorted into products, accessories and fixings")
        charged = {(line.name, line.billed, line.unit_price_usd) for line in in_sections}
        for item in self.items:
            if (item.name, item.billed, item.unit_price_usd) in charged:
                raise ValueError(f"{item.name!r} is in items and in a section again; give it once, or it is sold twice")
        return self


def _billed(unit: UnitBase, quantity: Decimal, length_m: Decimal | None, total_m2: Decimal | None) -> Decimal:
    if unit == "m2":
        return quantity if total_m2 is None else total_m2
    return quantity * length_m if unit == "ml" and length_m is not None else quantity


def _read_supports(apoyos: str | None) -> tuple[int | None, bool]:
    """How many supports, and whether there are words about them."""
    found = _SUPPORTS.fullmatch(apoyos or "")
    return (int(found[1]), found.lastindex != 1) if found else (None, False)
