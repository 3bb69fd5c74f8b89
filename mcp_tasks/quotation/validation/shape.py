"""The shape of the files: every field that cannot be read, named for what is wrong with it."""

from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from mcp_tasks.quotation.catalog import Catalog
from mcp_tasks.quotation.numbers import PLAIN
from mcp_tasks.quotation.price_list import PriceList
from mcp_tasks.quotation.rules import Rules
from mcp_tasks.quotation.totals import VAT_RATE
from mcp_tasks.quotation.validation.files import PRODUCTS, RULES, field
from mcp_tasks.quotation.validation.finding import Finding, error
from mcp_tasks.quotation.validation.subject import Subject


def unreadable_fields(subject: Subject) -> Iterator[Finding]:
    """What the models of the files refuse. Faults between rows are for the other checks, which name both rows."""
    files = subject.files
    models: list[tuple[str, Any, type[BaseModel]]] = [(PRODUCTS, files.products, Catalog), (RULES, files.rules, Rules)]
    models += [(name, raw, PriceList) for name, raw in files.price_lists.items()]
    for name, raw, model in models:
        if raw is None:
            continue  # the file cannot be read, which is said already
        try:
            model.model_validate(raw)
        except ValidationError as fault:
            for found in fault.errors(include_url=False):
                if found["loc"] or not isinstance(raw, dict):
                    yield _finding(name, cast(dict[str, Any], found))


def tax_rates(subject: Subject) -> Iterator[Finding]:
    """A list of another tax rate than that of the totals."""
    for name, raw in subject.files.price_lists.items():
        given = field(raw, "tax_rate")
        try:
            wrong = given is not None and PLAIN.decimal(given) != VAT_RATE
        except ValueError:
            continue  # which is said already
        if wrong:
            text = "every total is calculated with one rate of tax"
            yield error("tax_rate", f"{name}#tax_rate", text, value=given, expected=str(VAT_RATE))


def _finding(name: str, found: dict[str, Any]) -> Finding:
    place = ".".join(map(str, found["loc"]))
    missing = found["type"] == "missing"
    hidden = missing or found["type"] == "extra_forbidden"  # which may be what something costs to buy
    value = None if hidden else found["input"]
    message: str = "this field is required" if missing else found["msg"].removeprefix("Value error, ")
    code, expected = _named(found)
    return error(code, f"{name}#{place}" if place else name, message, value=value, expected=expected)


def _named(found: dict[str, Any]) -> tuple[str, str | None]:
    """The code of a fault, and what should stand there."""
    kind, place = found["type"], found["loc"]
    field = next((part for part in reversed(place) if isinstance(part, str)), "")
    if field == "tax_included":
        return "tax_flag_missing", "true or false"
    if field == "price" and (kind == "missing" or found["input"] is None):
        return "price_missing", "the price of one unit"
    if field == "price" and kind == "greater_than":
        return "price_not_positive", "more than 0"
    if field == "thickness_mm" and kind.startswith("int"):
        return "thickness_not_integer", "whole millimetres as a number, such as 100"
    if kind in {"value_error", "plain_number"} and _is_no_decimal(found["input"]):
        return "decimal_unreadable", 'a plain number such as "5.5"'
    return "schema", found.get("ctx", {}).get("expected")


def _is_no_decimal(given: object) -> bool:
    """Whether a single value was refused that is not a number at all, rather than one that does not fit."""
    if isinstance(given, list | dict):
        return False
    try:
        PLAIN.decimal(given)
    except ValueError:
        return True
    return False
