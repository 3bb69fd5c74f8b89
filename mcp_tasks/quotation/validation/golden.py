"""Do the worked quotations still come to what they were worked out to?"""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from mcp_tasks.errors import RequestError
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.knowledge import Knowledge
from mcp_tasks.quotation.quote import calculate
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.validation.files import GOLDEN
from mcp_tasks.quotation.validation.finding import Finding, error, warning
from mcp_tasks.quotation.validation.subject import Subject


class GoldenQuote(Model):
    """A quotation that was worked out by hand: what was asked, and the sums to the cent."""

    id: str
    title_es: str
    input: dict[str, Any]
    totals: dict[str, str]


class GoldenQuotes(Model):
    """The worked quotations, all of one price list. A folder's own golden.json takes the place of the shipped one."""

    price_list: str
    quotes: tuple[GoldenQuote, ...]


def changed_quotations(subject: Subject) -> Iterator[Finding]:
    """Worked quotations whose sums are others now.

    None are calculated from a folder that cannot be loaded, or that lacks their price list.
    """
    if subject.files.golden is None:
        return
    try:
        golden = GoldenQuotes.model_validate(subject.files.golden)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        yield error("schema", f"{GOLDEN}#{place}", first["msg"])
        return
    knowledge = subject.knowledge
    if knowledge is None or golden.price_list not in {prices.id for prices in knowledge.price_lists}:
        return
    for number, quote in enumerate(golden.quotes):
        yield from _changes(f"{GOLDEN}#quotes.{number}", quote, golden.price_list, knowledge)


def _changes(path: str, quote: GoldenQuote, price_list: str, knowledge: Knowledge) -> Iterator[Finding]:
    try:
        request = PanelRequest.model_validate(quote.input | {"price_list": price_list})
        totals = calculate(request, knowledge, knowledge.price_lists[0].date).totals.model_dump(mode="json")
    except (ValidationError, RequestError) as refusal:
        text = f"{quote.id} ({quote.title_es}) cannot be calculated: {refusal}"
        yield warning("golden_changed", path, text, expected=quote.totals.get("total"))
        return
    for name, expected in quote.totals.items():
        if totals.get(name) != expected:
            text = f"{quote.id} ({quote.title_es}): {name} is {totals.get(name)}, not {expected}"
            yield warning("golden_changed", f"{path}.totals.{name}", text, value=totals.get(name), expected=expected)
            return  # the other sums follow
