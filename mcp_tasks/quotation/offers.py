"""What the client may buy: lines in parts and sections with their sums, or options of which one is taken."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import get_args

from mcp_tasks.quotation.bom import Section, Totals
from mcp_tasks.quotation.document import Quotation, QuotationLine
from mcp_tasks.quotation.placeholders import filled
from mcp_tasks.quotation.template_data import Comparison, Entry, Offer, OptionRow, PrintedPart, PrintedSection, Row
from mcp_tasks.quotation.texts import Texts
from mcp_tasks.quotation.totals import VAT_RATE, totals_of

_SURFACES = {
    "techo": re.compile(r"techo|cubierta|isodec|isoroof", re.IGNORECASE),
    "fachada": re.compile(r"fachada|pared|isopanel|isowall", re.IGNORECASE),
    "camara": re.compile(r"c[aá]mara|isofrig", re.IGNORECASE),
}
_USE_IN_WORDS = re.compile(r"\b(techo|cubierta|fachada|pared|c[aá]mara)\b", re.IGNORECASE)
_NONE = "\N{EN DASH}"

Lines = Sequence[QuotationLine]


def parts_of(lines: Lines) -> dict[str | None, Lines]:
    """The lines by the titles of their parts, in the order in which parts first appear."""
    found: dict[str | None, list[QuotationLine]] = {}
    for line in lines:
        found.setdefault(line.part, []).append(line)
    return dict(found)


def offer(quotation: Quotation, lines: Lines, texts: Texts, title: str = "") -> Offer:
    """These lines of the quotation with their total, under its discount, freight and tax treatment."""
    totals = _totals(quotation, lines)
    return {
        "title": title,
        "parts": [_part(None, lines, texts)] if title else list(_parts(lines, texts)),
        "surfaces": list(_surfaces(lines, texts)),
        "totals": [{"label": label, "value": value} for label, value in _sums(quotation, totals, texts)],
        "grand_total": {"label": texts.totals.total, "value": texts.numbers.dollars(totals.total)},
        "tax_note": _tax_note(totals, texts),
    }


def details(quotation: Quotation, texts: Texts) -> list[Offer]:
    """Each part as an offer of its own, unless none has more to say than its row in the comparison."""
    parts = parts_of(quotation.lines)
    if not any(_says_more(lines) for lines in parts.values()):
        return []
    return [offer(quotation, lines, texts, title or texts.parts.others) for title, lines in parts.items()]


def comparison(quotation: Quotation, texts: Texts) -> Comparison:
    """The parts beside each other."""
    words = texts.options
    return {
        "title": words.title,
        "columns": {
            "name": words.option,
            "note": "",
            "area": words.area,
            "price": words.price,
            "panels": words.panels,
            "accessories": words.accessories,
            "total": words.total,
        },
        "rows": [
            _option(quotation, title or texts.parts.others, lines, texts)
            for title, lines in parts_of(quotation.lines).items()
        ],
        "note": " ".join(_about_options(quotation, texts)),
    }


def _option(quotation: Quotation, title: str, lines: Lines, texts: Texts) -> OptionRow:
    numbers = texts.numbers
    panels = [line for line in lines if line.section == "paneles"]
    others = [line for line in lines if line.section != "paneles"]
    measured = [line for line in panels if _is_area(line)]
    prices = {line.unit_price for line in measured}
    said = (line.name.removeprefix(title).lstrip(" -\N{EN DASH}") for line in panels)
    return {
        "name": title,
        "note": "; ".join(filter(None, said)),
        "area": numbers.amount(sum(line.quantity for line in measured)) if measured else _NONE,
        "price": numbers.amount(prices.pop()) if len(prices) == 1 else _NONE,
        "panels": numbers.amount(_amount(panels)) if panels else _NONE,
        "accessories": numbers.amount(_amount(others)) if others else _NONE,
        "total": numbers.amount(_totals(quotation, lines).total),
    }


def _about_options(quotation: Quotation, texts: Texts) -> Iterator[str]:
    words, numbers = texts.options, texts.numbers
    includes = [filled(words.vat, {"percent": _vat_percent(texts)})]
    if quotation.discount_pct:
        includes.append(filled(words.discount, {"percent": numbers.percentage(quotation.discount_pct)}))
    if quotation.shipping_usd is not None:
        includes.append(filled(words.freight, {"amount": numbers.dollars(quotation.shipping_usd)}))
    yield filled(words.choose, {"includes": ", ".join(includes)})
    if quotation.shipping_usd is None:
        yield words.without_freight
    if not quotation.prices_include_tax:
        yield texts.totals.tax_excluded


def _says_more(lines: Lines) -> bool:
    """Whether lines tell more than their sums: several of one section, or of accessories how many."""
    sections = [line.section for line in lines]
    return len(sections) > len(set(sections)) or any(line.section != "paneles" and line.quantity != 1 for line in lines)


def _totals(quotation: Quotation, lines: Lines) -> Totals:
    return totals_of(
        _amount(lines),
        quotation.discount_pct or Decimal(0),
        quotation.shipping_usd or Decimal(0),
        quotation.prices_include_tax,
    )


def _amount(lines: Iterable[QuotationLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def _parts(lines: Lines, texts: Texts) -> Iterator[PrintedPart]:
    parts = parts_of(lines)
    for title, own in parts.items():
        if len(parts) == 1:
            yield _part(title, own, texts)
        else:
            name = title or texts.parts.others
            amount = texts.numbers.amount(_amount(own))
            yield _part(name, own, texts, {"label": filled(texts.parts.subtotal, {"part": name}), "value": amount})


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
        use = _use(line.name) if line.section == "paneles" and _is_area(line) else None
        if use:
            areas[use] = areas.get(use, Decimal(0)) + line.quantity
    for use, area in areas.items():
        yield {"label": getattr(texts.surfaces, use), "value": texts.numbers.area(area)}


def _is_area(line: QuotationLine) -> bool:
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
        yield filled(labels.vat, {"percent": _vat_percent(texts)}), numbers.dollars(totals.vat)


def _tax_note(totals: Totals, texts: Texts) -> str:
    numbers, labels = texts.numbers, texts.totals
    values = {"percent": _vat_percent(texts), "vat": numbers.dollars(totals.vat), "net": numbers.dollars(totals.net)}
    return filled(labels.tax_included if totals.prices_include_tax else labels.tax_excluded, values)


def _vat_percent(texts: Texts) -> str:
    return texts.numbers.percentage(VAT_RATE * 100)
