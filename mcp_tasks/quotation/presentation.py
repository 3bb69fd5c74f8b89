"""What the template prints: a quotation as plain JSON, every number already computed and written in Spanish."""

import datetime
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypedDict

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Section, Totals
from mcp_tasks.quotation.company import Company
from mcp_tasks.quotation.document import Quotation, QuotationLine
from mcp_tasks.quotation.totals import VAT_RATE, totals_of

_SECTION_TITLES: dict[Section, str] = {
    "paneles": "PANELES",
    "accesorios": "ACCESORIOS",
    "fijaciones": "FIJACIONES Y SELLADORES",
}
_SURFACES = {
    "techo": re.compile(r"techo|cubierta|isodec|isoroof", re.IGNORECASE),
    "fachada": re.compile(r"fachada|pared|isopanel|isowall", re.IGNORECASE),
    "cámara": re.compile(r"c[aá]mara|isofrig", re.IGNORECASE),
}
_USE_IN_WORDS = re.compile(r"\b(techo|cubierta|fachada|pared|c[aá]mara)\b", re.IGNORECASE)


class Entry(TypedDict):
    label: str
    value: str


class Row(TypedDict):
    name: str
    unit: str
    quantity: str
    price: str
    total: str


class PrintedSection(TypedDict):
    title: str
    rows: list[Row]


class Text(TypedDict):
    """`style` is normal, bold, red or bold_red; `url` is null where there is no link."""

    text: str
    style: str
    url: str | None


class Presentation(TypedDict):
    """The JSON that `quote.typ` reads from `sys.inputs.data`. All values are text to print, never markup.

    `created` is the quotation's day at noon UTC in Unix seconds: it makes the PDF's bytes reproducible.
    """

    company: str
    title: str
    subtitle: str
    number: str
    created: int
    contact: list[Text]
    client: list[Entry]
    facts: list[Entry]
    sections: list[PrintedSection]
    surfaces: list[Entry]
    totals: list[Entry]
    grand_total: Entry
    tax_note: str
    comments: list[Text]
    bank: list[list[Text]]


def presentation(quotation: Quotation, company: Company, quotation_id: str, date: datetime.date) -> Presentation:
    """Everything that is printed for `quotation`, issued under `quotation_id` on `date`."""
    totals = totals_of(
        sum((line.amount for line in quotation.lines), Decimal(0)),
        quotation.discount_pct or Decimal(0),
        quotation.shipping_usd or Decimal(0),
        quotation.prices_include_tax,
    )
    return {
        "company": company.name,
        "title": "COTIZACIÓN",
        "subtitle": quotation.title or "",
        "number": quotation_id,
        "created": _noon(date),
        "contact": list(_contact(company)),
        "client": [_entry(label, value) for label, value in _client(quotation)],
        "facts": [_entry(label, value) for label, value in _facts(quotation, company, date)],
        "sections": list(_sections(quotation.lines)),
        "surfaces": list(_surfaces(quotation.lines)),
        "totals": [_entry(label, value) for label, value in _sums(quotation, totals)],
        "grand_total": _entry("TOTAL", spanish.money(totals.total)),
        "tax_note": _tax_note(totals),
        "comments": list(_comments(quotation, company)),
        "bank": [[_text(company.filled(cell.text), cell.url) for cell in row] for row in company.bank],
    }


def _entry(label: str, value: str) -> Entry:
    return {"label": label, "value": value}


def _text(text: str, url: str | None = None, style: str = "normal") -> Text:
    return {"text": text, "style": style, "url": url}


def _noon(date: datetime.date) -> int:
    return int(datetime.datetime.combine(date, datetime.time(12), datetime.UTC).timestamp())


def _contact(company: Company) -> Iterator[Text]:
    if company.email:
        yield _text(company.email, f"mailto:{company.email}")
    if company.web:
        yield _text(company.web.removeprefix("https://").removeprefix("http://").rstrip("/"), company.web)
    if company.phone:
        yield _text(f"Tel. {company.phone}")


def _client(quotation: Quotation) -> Iterator[tuple[str, str]]:
    client = quotation.client
    yield "Cliente", client.name
    optional = {
        "RUT / CI": client.tax_id,
        "Dirección": client.address,
        "Teléfono": client.phone,
        "Correo": client.email,
    }
    yield from ((label, value) for label, value in optional.items() if value)


def _facts(quotation: Quotation, company: Company, date: datetime.date) -> Iterator[tuple[str, str]]:
    yield "Fecha", " \N{EN DASH} ".join(filter(None, [spanish.day(date), company.town]))
    yield "Válida hasta", spanish.day(date + datetime.timedelta(days=company.validity_days))
    if quotation.span_m is not None:
        yield "Autoportancia", spanish.metres(quotation.span_m)
    if quotation.supports is not None:
        yield "Apoyos", str(quotation.supports)


def _sections(lines: Iterable[QuotationLine]) -> Iterator[PrintedSection]:
    lines = list(lines)
    for name, title in _SECTION_TITLES.items():
        rows = [_row(line) for line in lines if line.section == name]
        if rows:
            yield {"title": title, "rows": rows}


def _row(line: QuotationLine) -> Row:
    return {
        "name": line.name,
        "unit": spanish.unit(line.unit),
        "quantity": spanish.quantity(line.quantity, line.unit),
        "price": spanish.decimal(line.unit_price),
        "total": spanish.decimal(line.amount),
    }


def _surfaces(lines: Iterable[QuotationLine]) -> Iterator[Entry]:
    """The square metres of panels per use, as far as a line says its use, in words or by its family."""
    areas: dict[str, Decimal] = {}
    for line in lines:
        use = _use(line.name) if line.section == "paneles" and line.unit.casefold() in {"m2", "m²"} else None
        if use:
            areas[use] = areas.get(use, Decimal(0)) + line.quantity
    for use, area in areas.items():
        yield _entry(f"Superficie de {use}", spanish.square_metres(area))


def _use(name: str) -> str | None:
    """A use in words goes before the family: an ISOPANEL may be sold for a roof."""
    words = _USE_IN_WORDS.search(name)
    return next((use for use, known in _SURFACES.items() if known.search(words[0] if words else name)), None)


def _sums(quotation: Quotation, totals: Totals) -> Iterator[tuple[str, str]]:
    """Rows that add up to the total from top to bottom, each figure once."""
    yield "Subtotal materiales", spanish.money(totals.materials)
    if quotation.discount_pct:
        yield f"Descuento {spanish.percent(quotation.discount_pct)}", spanish.money(-totals.discount)
    freight = "no incluido" if quotation.shipping_usd is None else spanish.money(quotation.shipping_usd)
    yield "Traslado", freight
    if not quotation.prices_include_tax:
        if totals.net != totals.materials:
            yield "Neto", spanish.money(totals.net)
        yield f"IVA {spanish.percent(VAT_RATE * 100)}", spanish.money(totals.vat)


def _tax_note(totals: Totals) -> str:
    if not totals.prices_include_tax:
        return "Precios unitarios en dólares, sin IVA."
    vat, net = spanish.money(totals.vat), spanish.money(totals.net)
    return f"IVA {spanish.percent(VAT_RATE * 100)} incluido: {vat} (neto {net})."


def _comments(quotation: Quotation, company: Company) -> Iterator[Text]:
    """The standard comments, then the quotation's own; the same sentence is not said twice."""
    standard = [_text(company.filled(c.text), c.url, c.style) for c in company.comments]
    yield from standard
    said = {comment["text"] for comment in standard}
    for comment in quotation.comments or ():
        text = _text(comment.text, style=comment.style)
        if text["text"] not in said:
            yield text
