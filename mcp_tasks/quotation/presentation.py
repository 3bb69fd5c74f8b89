"""A quotation becomes what the template prints: plain JSON, every number computed and written in its language."""

import datetime
from collections.abc import Iterator

from mcp_tasks.quotation.company import Company
from mcp_tasks.quotation.document import Quotation
from mcp_tasks.quotation.offers import offer
from mcp_tasks.quotation.options import are_compared, comparison, details
from mcp_tasks.quotation.placeholders import filled
from mcp_tasks.quotation.template_data import Entry, Presentation, Text, Words
from mcp_tasks.quotation.texts import Texts


def presentation(
    quotation: Quotation, company: Company, quotation_id: str, date: datetime.date, texts: Texts | None = None
) -> Presentation:
    """Everything that is printed for `quotation`, issued under `quotation_id` on `date`.

    `texts` are words in the quotation's language, the packaged ones unless others are given.
    """
    texts = texts or Texts.load(quotation.language)
    company = company.speaking(quotation.language)
    compared = are_compared(quotation)
    revision = filled(texts.page.revision, {"revision": quotation.revision}) if quotation.revision > 1 else ""
    name = filled(texts.page.document, {"number": quotation_id})
    return {
        "language": quotation.language,
        "document": f"{name} \N{EN DASH} {revision}" if revision else name,
        "company": company.name,
        "words": _words(texts),
        "subtitle": quotation.title or "",
        "number": quotation_id,
        "revision": revision,
        "created": _noon(date),
        "contact": list(_contact(company, texts)),
        "client": list(_client(quotation, texts)),
        "facts": list(_facts(quotation, company, texts, date)),
        "comparison": comparison(quotation, texts) if compared else None,
        "offers": details(quotation, texts) if compared else [offer(quotation, quotation.lines, texts)],
        "comments": list(_comments(quotation, company)),
        "bank": [[_text(company.filled(cell.text), cell.url) for cell in row] for row in company.bank],
    }


def head_of(quotation: Quotation, company: Company, texts: Texts) -> list[Entry]:
    """What a file beside the document says of it: which quotation it is, of whom, for whom, and its facts.

    `quotation` has its number, its revision and its date.
    """
    assert quotation.quotation_id is not None, "it was issued"
    assert quotation.date is not None, "it was issued"
    number = quotation.quotation_id
    if quotation.revision > 1:
        number += f" \N{EN DASH} {filled(texts.page.revision, {'revision': quotation.revision})}"
    return [
        {"label": texts.page.title, "value": number},
        {"label": texts.bill.title, "value": quotation.title or ""},
        {"label": texts.bill.company, "value": company.name},
        *_client(quotation, texts),
        *_facts(quotation, company, texts, quotation.date),
    ]


def _words(texts: Texts) -> Words:
    columns, page = texts.columns, texts.page
    return {
        "title": page.title,
        "number": page.number,
        "count": page.count,
        "comments": page.comments,
        "columns": {
            "name": columns.name,
            "unit": columns.unit,
            "quantity": columns.quantity,
            "price": columns.price,
            "total": columns.total,
        },
    }


def _text(text: str, url: str | None = None, style: str = "normal") -> Text:
    return {"text": text, "style": style, "url": url}


def _noon(date: datetime.date) -> int:
    return int(datetime.datetime.combine(date, datetime.time(12), datetime.UTC).timestamp())


def _contact(company: Company, texts: Texts) -> Iterator[Text]:
    if company.email:
        yield _text(company.email, f"mailto:{company.email}")
    if company.web:
        yield _text(company.web.removeprefix("https://").removeprefix("http://").rstrip("/"), company.web)
    if company.phone:
        yield _text(filled(texts.page.telephone, {"phone": company.phone}))


def _client(quotation: Quotation, texts: Texts) -> Iterator[Entry]:
    client, labels = quotation.client, texts.client
    known = {
        labels.name: client.name,
        labels.tax_id: client.tax_id,
        labels.address: client.address,
        labels.phone: client.phone,
        labels.email: client.email,
    }
    for label, value in known.items():
        if value:
            yield {"label": label, "value": value}


def _facts(quotation: Quotation, company: Company, texts: Texts, date: datetime.date) -> Iterator[Entry]:
    labels, numbers = texts.facts, texts.numbers
    place = [company.town] if company.town else []
    yield {"label": labels.date, "value": " \N{EN DASH} ".join([numbers.day(date), *place])}
    last = date + datetime.timedelta(days=company.validity_days)
    yield {"label": labels.valid_until, "value": numbers.day(last)}
    if quotation.span_m is not None:
        yield {"label": labels.span, "value": numbers.length(quotation.span_m)}
    if quotation.supports is not None:
        yield {"label": labels.supports, "value": str(quotation.supports)}


def _comments(quotation: Quotation, company: Company) -> Iterator[Text]:
    """The standard comments, then the quotation's own; the same sentence is not said twice."""
    standard = [_text(company.filled(c.text), c.url, c.style) for c in company.comments]
    yield from standard
    said = {comment["text"] for comment in standard}
    for comment in quotation.comments or ():
        text = _text(comment.text, style=comment.style)
        if text["text"] not in said:
            yield text
