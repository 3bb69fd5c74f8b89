"""Alternatives of which the client takes one: a table that compares them, and each with its lines and its total."""

from collections.abc import Iterator
from decimal import Decimal

from mcp_tasks.quotation.document import Quotation
from mcp_tasks.quotation.offers import Lines, amount, is_area, offer, parts_of, sold_for, vat_percent
from mcp_tasks.quotation.placeholders import filled
from mcp_tasks.quotation.template_data import Comparison, Offer, OptionRow
from mcp_tasks.quotation.texts import Texts

_NONE = "\N{EN DASH}"


def are_compared(quotation: Quotation) -> bool:
    """Whether there is something to choose from."""
    return quotation.alternatives and len(parts_of(quotation.lines)) > 1


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
            "discount": words.discount_column if quotation.discount_pct else "",
            "freight": words.freight_column if quotation.shipping_usd else "",
            "vat": "" if quotation.prices_include_tax else words.vat_column,
            "total": words.total,
        },
        "rows": [
            _option(quotation, title or texts.parts.others, lines, texts)
            for title, lines in parts_of(quotation.lines).items()
        ],
        "note": " ".join(_about_options(quotation, texts)),
    }


def details(quotation: Quotation, texts: Texts) -> list[Offer]:
    """Each part as an offer of its own, unless none has more to say than its row in the comparison."""
    parts = parts_of(quotation.lines)
    if not any(_says_more(lines) for lines in parts.values()):
        return []
    return [offer(quotation, lines, texts, title or texts.parts.others) for title, lines in parts.items()]


def _option(quotation: Quotation, title: str, lines: Lines, texts: Texts) -> OptionRow:
    numbers, totals = texts.numbers, sold_for(quotation, lines)
    panels = [line for line in lines if line.section == "paneles"]
    others = [line for line in lines if line.section != "paneles"]
    measured = [line for line in panels if is_area(line)]
    prices = {line.unit_price for line in measured}
    return {
        "name": title,
        "note": "; ".join(filter(None, (_beyond(title, line.name) for line in panels))),
        "area": numbers.amount(sum((line.quantity for line in measured), Decimal(0))) if measured else _NONE,
        "price": numbers.amount(prices.pop()) if len(prices) == 1 else _NONE,
        "panels": numbers.amount(amount(panels)) if panels else _NONE,
        "accessories": numbers.amount(amount(others)) if others else _NONE,
        "discount": f"\N{MINUS SIGN}{numbers.amount(totals.discount)}" if quotation.discount_pct else "",
        "freight": numbers.amount(totals.shipping) if quotation.shipping_usd else "",
        "vat": "" if quotation.prices_include_tax else numbers.amount(totals.vat),
        "total": numbers.amount(totals.total),
    }


def _beyond(title: str, name: str) -> str:
    """What a name says that the title before its dash does not: the panels, mostly."""
    return name.removeprefix(title.partition(" \N{EN DASH} ")[0]).lstrip(" -\N{EN DASH}")


def _about_options(quotation: Quotation, texts: Texts) -> Iterator[str]:
    words, numbers = texts.options, texts.numbers
    includes = [filled(words.vat, {"percent": vat_percent(texts)})]
    if quotation.discount_pct:
        includes.append(filled(words.discount, {"percent": numbers.percentage(quotation.discount_pct)}))
    if quotation.shipping_usd is not None:
        includes.append(filled(words.freight, {"amount": numbers.dollars(quotation.shipping_usd)}))
    yield filled(words.choose, {"includes": ", ".join(includes)})
    if quotation.shipping_usd is None:
        yield words.without_freight
    if not quotation.prices_include_tax:
        yield filled(texts.totals.tax_excluded, {"percent": vat_percent(texts)})


def _says_more(lines: Lines) -> bool:
    """Whether lines tell more than a row: panels of several prices, or accessories that are not one sum."""
    prices = {(is_area(line), line.unit_price) for line in lines if line.section == "paneles"}
    others = [line for line in lines if line.section != "paneles"]
    sums = {line.section for line in others if line.quantity == 1}
    return len(prices) > 1 or len(others) > len(sums)
