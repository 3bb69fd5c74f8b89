"""A bill of materials as sheets of plain cells: the lines with their totals, the parts, the comparison, the remarks.

They can be given to the client: they say what the printed quotation says, in its language and its words, and what is
for whoever quotes stays out. What a cell is decides how it is written: a whole number, an exact decimal, a text, or
nothing.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from mcp_tasks.quotation.bom import Bom, BomLine, BomOption, Totals
from mcp_tasks.quotation.document import Language, comments_of, discount_of
from mcp_tasks.quotation.offers import vat_percent
from mcp_tasks.quotation.placeholders import filled
from mcp_tasks.quotation.sale_words import WORDS, SaleWords
from mcp_tasks.quotation.template_data import Entry
from mcp_tasks.quotation.texts import Texts

Cell: TypeAlias = str | int | Decimal | None
Row: TypeAlias = tuple[Cell, ...]

_CALCULATED_IN = "es"
"""The language of the formulas, which are left out of bills in another."""


class Bill(NamedTuple):
    """A bill and how it is written. `head` is what stands above the lines of one that belongs to a quotation."""

    bom: Bom
    language: Language
    texts: Texts
    head: tuple[Entry, ...] = ()

    @property
    def words(self) -> SaleWords:
        return WORDS[self.language]


class Column(NamedTuple):
    """A column's title, and its width in characters."""

    title: str
    width: int


class Sheet(NamedTuple):
    """Rows of as many cells as there are columns; `sums` are the rows below that add them up."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sums: tuple[Row, ...] = ()
    head: tuple[Entry, ...] = ()


def sheets(bill: Bill) -> tuple[Sheet, ...]:
    """The sheets of a bill; parts and comparison only where it has them. Amounts are US dollars.

    The first has the lines and, below them, the sums. A column in which nothing would stand is left out.
    """
    found = (_lines(bill), _parts(bill), _comparison(bill), _remarks(bill))
    return tuple(_without_empty_columns(sheet) for sheet in found if sheet.rows)


def _without_empty_columns(sheet: Sheet) -> Sheet:
    everything = (*sheet.rows, *sheet.sums)
    kept = [at for at in range(len(sheet.columns)) if any(row[at] is not None for row in everything)]
    return sheet._replace(
        columns=tuple(sheet.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in sheet.rows),
        sums=tuple(tuple(row[at] for at in kept) for row in sheet.sums),
    )


def _lines(bill: Bill) -> Sheet:
    bom, words = bill.bom, bill.texts.bill
    columns = (
        Column(words.part, 24),
        Column(words.section, 22),
        Column(words.sku, 14),
        Column(bill.texts.columns.name, 46),
        Column(words.panels, 9),
        Column(words.length, 18),
        Column(bill.texts.columns.quantity, 11),
        Column(bill.texts.columns.unit, 9),
        Column(bill.texts.columns.price, 14),
        Column(bill.texts.columns.total, 14),
        Column(words.formula, 70),
    )
    titles = {part.part: f"{part.part}. {bill.words.title(part.title)}" for part in bom.parts}
    nothing = (None,) * len(columns)
    return Sheet(
        words.materials,
        columns,
        rows=tuple((titles.get(line.part or 0), *_line(line, bill)) for line in bom.lines),
        sums=tuple((*nothing[:3], label, *nothing[4:9], amount, None) for label, amount in _sums(bom.totals, bill)),
        head=bill.head,
    )


def _line(line: BomLine, bill: Bill) -> Iterator[Cell]:
    yield getattr(bill.texts.sections, line.section)
    yield line.sku
    yield line.name_es
    yield line.panels
    yield bill.words.lengths(line) if line.pieces else line.length_m
    yield _quantity(line)
    yield bill.texts.units.printed(line.unit)
    yield line.unit_price
    yield line.total
    yield line.formula if bill.language == _CALCULATED_IN else None


def _quantity(line: BomLine) -> Cell:
    whole = line.unit != "m2" and line.quantity == line.quantity.to_integral_value()
    return int(line.quantity) if whole else line.quantity


def _sums(totals: Totals, bill: Bill) -> Iterator[tuple[str, Cell]]:
    """From the materials to the total, in the order in which they add up, and below it what is in it."""
    labels, percent = bill.texts.totals, {"percent": vat_percent(bill.texts)}
    yield labels.materials, totals.materials
    if discount := discount_of(totals):
        written = bill.texts.numbers.percentage(discount)
        yield filled(labels.discount, {"percent": written}), -totals.discount
    if totals.shipping:
        yield labels.freight, totals.shipping
    else:
        yield f"{labels.freight}: {labels.freight_not_included}", None
    if totals.prices_include_tax:
        yield labels.total, totals.total
        yield filled(bill.texts.bill.vat_included, percent), totals.vat
        yield labels.net, totals.net
    else:
        if totals.net != totals.materials:
            yield labels.net, totals.net
        yield filled(labels.vat, percent), totals.vat
        yield labels.total, totals.total


def _parts(bill: Bill) -> Sheet:
    words = bill.texts.bill
    columns = (
        Column(words.part, 7),
        Column(words.description, 46),
        Column(words.area, 14),
        Column(words.panel_area, 24),
        Column(words.panels, 9),
        Column(words.supports, 17),
        Column(words.weight, 11),
        Column(words.subtotal, 15),
    )
    rows = tuple(
        (
            part.part,
            bill.words.title(part.title),
            part.project_area_m2 or None,
            part.panel_area_m2 or None,
            part.panel_count or None,
            part.supports_per_panel,
            part.weight_kg or None,
            part.materials,
        )
        for part in bill.bom.parts
    )
    return Sheet(words.parts, columns, rows)


def _comparison(bill: Bill) -> Sheet:
    words, options = bill.texts.bill, bill.texts.options
    columns = (
        Column(words.thickness, 11),
        Column(words.sku, 14),
        Column(bill.texts.columns.name, 34),
        Column(words.panels, 9),
        Column(words.panel_area, 14),
        Column(options.price, 15),
        Column(words.weight, 11),
        Column(words.max_span, 13),
        Column(words.carries, 12),
        Column(words.supports, 12),
        Column(options.panels, 14),
        Column(words.accessories, 15),
        Column(words.fixings, 27),
        Column(options.discount_column, 14),
        Column(options.freight_column, 13),
        Column(options.vat_column, 12),
        Column(options.total, 14),
        Column(words.missing, 30),
    )
    return Sheet(words.comparison, columns, tuple(tuple(_option(option, bill)) for option in bill.bom.comparison))


def _option(option: BomOption, bill: Bill) -> Iterator[Cell]:
    """From the panels on the amounts add up to the total; the tax is none of them where it is in the prices."""
    totals = option.totals
    yield option.thickness_mm
    yield option.sku
    yield option.name_es
    yield option.panel_count
    yield option.panel_area_m2
    yield option.unit_price
    yield option.weight_kg
    yield option.max_span_m
    yield {True: bill.texts.bill.yes, False: bill.texts.bill.no, None: None}[option.span_ok]
    yield option.supports_per_panel
    yield option.panels
    yield option.accessories
    yield option.fixings
    yield -totals.discount or None
    yield totals.shipping or None
    yield None if totals.prices_include_tax else totals.vat
    yield totals.total
    yield ", ".join(kind.replace("_", " ") for kind in option.missing_prices) or None


def _remarks(bill: Bill) -> Sheet:
    """What the client has to know: the quotation's own remarks."""
    said = [comment.text for comment in comments_of(bill.bom, bill.words)]
    if options := bill.bom.comparison:
        said.insert(0, filled(bill.texts.bill.first_option, {"option": options[0].name_es}))
    return Sheet(bill.texts.bill.remarks, (Column(bill.texts.page.comments, 130),), tuple((text,) for text in said))
