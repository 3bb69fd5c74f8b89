"""What is checked: the raw files, and as much of the knowledge in them as can be used."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from mcp_tasks.quotation.catalog import Accessory, Catalog, Panel
from mcp_tasks.quotation.knowledge import PRICE_LISTS, Knowledge
from mcp_tasks.quotation.price_list import PriceList, PriceRow
from mcp_tasks.quotation.rules import Rules
from mcp_tasks.quotation.validation.files import Files, rows

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Subject:
    """`catalog` and `price_lists` (newest first) hold the rows that can be read; `rules` is None when one cannot.

    `knowledge` is what the loader makes of the files, None when it refuses them. `before` are the lists of the
    knowledge that this is a change of, if any.
    """

    files: Files
    today: datetime.date
    catalog: Catalog
    rules: Rules | None
    price_lists: tuple[PriceList, ...]
    knowledge: Knowledge | None
    before: tuple[PriceList, ...]


def subject(files: Files, knowledge: Knowledge | None, today: datetime.date, before: Files | None = None) -> Subject:
    """Take from the files what can be used, so that one fault does not hide the others."""
    catalog = Catalog.model_construct(
        schema_version=1,
        synonyms={},
        panels=tuple(_rows(files.products, "panels", Panel)),
        accessories=tuple(_rows(files.products, "accessories", Accessory)),
    )
    earlier = () if before is None else _newest_first(before)
    return Subject(files, today, catalog, _valid(files.rules, Rules), _newest_first(files), knowledge, earlier)


def list_path(prices: PriceList) -> str:
    """The file of a price list that was loaded, which is called as it is."""
    return f"{PRICE_LISTS}/{prices.id}.json"


def _newest_first(files: Files) -> tuple[PriceList, ...]:
    lists = (_price_list(raw) for raw in files.price_lists.values())
    return tuple(sorted((prices for prices in lists if prices), key=lambda prices: prices.date, reverse=True))


def _price_list(raw: object) -> PriceList | None:
    """A list with the rows that can be read; None when its own fields cannot, for then nobody knows what they say."""
    if not isinstance(raw, dict):
        return None
    given = cast(dict[str, Any], raw)
    head = _valid({**given, "rows": ()}, PriceList)
    return None if head is None else head.model_copy(update={"rows": tuple(_rows(given, "rows", PriceRow))})


def _rows(raw: object, name: str, model: type[M]) -> Iterator[M]:
    for _, row in rows(raw, name):
        if (read := _valid(row, model)) is not None:
            yield read


def _valid(raw: object, model: type[M]) -> M | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None
