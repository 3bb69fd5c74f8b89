"""What the client may buy: lines in parts and sections, with what they come to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import get_args

from mcp_tasks.quotation.bom import Section, Totals
from mcp_tasks.quotation.document import Quotation, QuotationLine
from mcp_tasks.quotation.placeholders import filled
from mcp_tasks.quotation.template_data import Entry, Offer, PrintedPart, PrintedSection, Row
from mcp_tasks.quotation.texts import Texts
from mcp_tasks.quotation.totals import VAT_RATE, totals_of

_SURFACES = {
    "techo": re.compile(r"techo|cubierta|isodec|isoroof", re.IGNORECASE),
    "fachada": re.compile(r"fachada|pared|isopanel|isowall", re.IGNORECASE),
    "camara": re.compile(r"c[aá]mara|isofrig", re.IGNORECASE),
}
_USE_IN_WORDS = re.compile(r"\b(techo|cubierta|fachada|pared|c[aá]mara)\b", re.IGNORECASE)

Lines = Sequence[QuotationLine]


def parts_of(lines: Lines) -> dict[str | None, Lines]:
    """The lines by the titles of their parts, in the order in which parts first appear."""
    found: dict[str | None, list[QuotationLine]] = {}
    for line in lines:
        found.setdefault(line.part, []).append(line)
    return dict(found)


def offer(quotation: Quotation, lines: Lines, texts: Texts, title: str = "") -> Offer:
    """These lines of the quotation with their total, under its discount, freight and tax treatment."""
    totals = sold_for(quotation, lines)
    return {
        "title": title,
        "parts": [_part(None, lines, texts)] if title else list(_parts(lines, texts)),
        "surfaces": list(_surfaces(lines, texts)),
        "totals": [{"label": label, "value": value} for label, value in _sums(quotation, totals, texts)],
        "grand_total": {"label": texts.totals.total, "value": texts.numbers.dollars(totals.total)},
        "tax_note": _tax_note(totals, texts),
    }


def sold_for(quotation: Quotation, lines: Lines) -> Totals:
    """What these lines come to, under the quotation's discount, freight and tax treatment."""
    return totals_of(
        amount(lines),
        quotation.discount_pct or Decimal(0),
        quotation.shipping_usd or Decimal(0),
        quotation.prices_include_tax,
    )


def amount(lines: Iterable[QuotationLine]) -> Decimal:
    """The sum of lines, in US dollars."""
    return sum((line.amount for line in lines), Decimal(0))


def _parts(lines: Lines, texts: Texts) -> Iterator[PrintedPart]:
    parts = parts_of(lines)
    for title, own in parts.items():
        if len(parts) == 1:
            yield _part(title, own, texts)
        else:
            name = title or texts.parts.others
            label = filled(texts.parts.subtotal, {"part": name})
            yield _part(name, own, texts, {"label": label, "value": texts.numbers.amount(amount(own))})


def _part(title: str | None, lines: Lines, texts: Texts, subtotal: Entry | None = None) -> PrintedPart:
    return {"title": title or "", "sections": list(_sections(lines, texts)), "subtotal": subtotal}


def _sections(lines: Lines, texts: Texts) -> Iterator[PrintedSection]:
    for name in get_args(Section):
        rows = [_row(line, texts) for line in lines if line.section == name]
        if rows:
            yield {"title": getattr(texts.sections, name), "rows": rows}


def _row(line: QuotationLine, texts: Texts) -> Row:
    numbers = texts.numbers
    return {
        "name": line.name,
        "unit": texts.units.printed(line.unit),
        "quantity": numbers.quantity(line.quantity, line.unit),
        "price": numbers.amount(line.unit_price),
        "total": numbers.amount(line.amount),
    }


def _surfaces(lines: Lines, texts: Texts) -> Iterator[Entry]:
    """The square metres of panels per use, as far as a line says its use, in words or by its family."""
    areas: dict[str, Decimal] = {}
    for line in lines:
        use = _use(line.name) if line.section == "paneles" and is_area(line) else None
        if use:
            areas[use] = areas.get(use, Decimal(0)) + line.quantity
    for use, area in areas.items():
        yield {"label": getattr(texts.surfaces, use), "value": texts.numbers.area(area)}


def is_area(line: QuotationLine) -> bool:
    """Whether a line is sold by the square metre."""
    return line.unit.casefold() in {"m2", "m²"}


def _use(name: str) -> str | None:
    """A use in words goes before the family: an ISOPANEL may be sold for a roof."""
    words = _USE_IN_WORDS.search(name)
    return next((use for use, known in _SURFACES.items() if known.search(words[0] if words else name)), None)


def _sums(quotation: Quotation, totals: Totals, texts: Texts) -> Iterator[tuple[str, str]]:
    """Rows that add up to the total from top to bottom, each figure once."""
    labels, numbers = texts.totals, texts.numbers
    yield labels.materials, numbers.dollars(totals.materials)
    if quotation.discount_pct:
        percent = numbers.percentage(quotation.discount_pct)
        yield filled(labels.discount, {"percent": percent}), numbers.dollars(-totals.discount)
    freight = quotation.shipping_usd
    yield labels.freight, labels.freight_not_included if freight is None else numbers.dollars(freight)
    if not quotation.prices_include_tax:
        if totals.net != totals.materials:
            yield labels.net, numbers.dollars(totals.net)
        yield filled(labels.vat, {"percent": vat_percent(texts)}), numbers.dollars(totals.vat)


def _tax_note(totals: Totals, texts: Texts) -> str:
    numbers, labels = texts.numbers, texts.totals
    values = {"percent": vat_percent(texts), "vat": numbers.dollars(totals.vat), "net": numbers.dollars(totals.net)}
    return filled(labels.tax_included if totals.prices_include_tax else labels.tax_excluded, values)


def vat_percent(texts: Texts) -> str:
    """The rate of VAT, written."""
    return texts.numbers.percentage(VAT_RATE * 100)
