"""The rows of a price list as a person or a program wrote it: read, and as yet not compared with anything.

A file is JSON, in the shape of our own lists or only their rows, or a table of text: UTF-8 with or without a mark, or
cp1252; with commas, semicolons or tabs. Columns and fields other than these are not read, so that what things cost us
goes nowhere. Numbers are as in requests, so that "41,15" is 41.15 and "1.234,56" is not read.
"""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, cast

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation import strict_json
from mcp_tasks.quotation.numbers import PLAIN
from mcp_tasks.quotation.totals import VAT_RATE
from mcp_tasks.repair import shown
from mcp_tasks.spelling import folded

MAX_BYTES = 2_000_000
MAX_ROWS = 5_000
TABLES = (".csv", ".tsv", ".txt")

_HEADER_WITHIN = 20  # rows, for above it stand titles
_LONGEST_SKU = 200
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sku": ("sku", "codigo", "cod", "code"),
    "price": ("price", "precio", "precio_usd", "price_usd"),
    "unit": ("unit", "unidad", "unid"),
}
_SEPARATORS = ";,\t"
_BETWEEN_CELLS = re.compile(rf"[{_SEPARATORS}\r\n]")
_CURRENCY = re.compile(r"^(?:USD|US\$|U\$S|U\$D|\$)\s*|\s*(?:USD|US\$|U\$S|U\$D|\$)$", re.IGNORECASE)


class SourceRow(NamedTuple):
    """A row, and where it stood: the line of a table, or the how-manieth of rows.

    `price` is None where it could not be read; `unit` is what was written, "" where nothing was.
    """

    number: int
    sku: str
    price: Decimal | None
    unit: str = ""
    estimated: bool = False


class PriceSource(NamedTuple):
    """Rows, and what was said about them all. None: nothing was said.

    `whole` is a list, in which what is not there is missing; otherwise these are some prices, of which nothing follows
    for others.
    """

    name: str
    rows: tuple[SourceRow, ...]
    tax_included: bool | None = None
    date: datetime.date | None = None
    whole: bool = True


def read_source(name: str, content: bytes) -> PriceSource:
    """The rows of a file of that name. Raises `InvalidRequest`, which says how to write it instead."""
    if len(content) > MAX_BYTES:
        raise _unreadable(name, f"it is longer than {MAX_BYTES:,} bytes")
    source = _table(name, content) if name.lower().endswith(TABLES) else _json(name, content)
    if not source.rows:
        raise _unreadable(name, "there is no row in it")
    if len(source.rows) > MAX_ROWS:
        raise _unreadable(name, f"it has more than {MAX_ROWS:,} rows")
    return source


def _table(name: str, content: bytes) -> PriceSource:
    text = _text(name, content)
    try:
        for separator in _SEPARATORS:
            for start, header in islice(_lines(text, separator), _HEADER_WITHIN):
                if columns := _columns(name, header):
                    below = (line for line in _lines(text, separator, strict=True) if line[0] > start)
                    return PriceSource(name, tuple(_row(number, cells, header, columns) for number, cells in below))
    except csv.Error as error:
        raise _unreadable(name, f"it is not a table of text: {error}") from error
    raise _unreadable(name, "no line of it names the columns sku and price (or código and precio)")


def _text(name: str, content: bytes) -> str:
    if b"\0" in content:
        raise _unreadable(name, "it is not text in UTF-8 or Latin-1; save it as CSV UTF-8")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _lines(text: str, separator: str, *, strict: bool = False) -> Iterable[tuple[int, list[str]]]:
    """The lines that are not empty; strict: only where all quotation marks are closed."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    for cells in reader:
        if any(map(str.strip, cells)):
            yield reader.line_num, cells


def _columns(name: str, cells: Sequence[str]) -> dict[str, int] | None:
    """Where each column stands; None when this is not the line that says so."""
    found: dict[str, list[int]] = {
        column: [place for place, cell in enumerate(cells) if folded(cell).rstrip(".") in names]
        for column, names in _COLUMNS.items()
    }
    if not (found["sku"] and found["price"]):
        return None
    twice = [column for column, places in found.items() if len(places) > 1]
    if twice:
        raise _unreadable(name, f"it has two columns for {twice[0]}; leave one")
    return {column: places[0] for column, places in found.items() if places}


def _row(number: int, cells: Sequence[str], header: Sequence[str], columns: Mapping[str, int]) -> SourceRow:
    said = {column: cells[place].strip() if place < len(cells) else "" for column, place in columns.items()}
    # A decimal comma between commas makes two cells of a number.
    torn = any(cell.strip() for cell in cells[len(header) :])
    # A line with other separators is one cell, with what we pay in it.
    sku, *others = _BETWEEN_CELLS.split(said["sku"])
    price = None if torn or others else _price(said["price"])
    return SourceRow(number, sku.strip()[:_LONGEST_SKU], price, "" if others else said.get("unit", ""))


def _json(name: str, content: bytes) -> PriceSource:
    try:
        said: Any = strict_json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except ValueError as error:
        raise _unreadable(name, "it is not JSON in UTF-8, or has a name twice in one object") from error
    whole: dict[str, Any] = cast(dict[str, Any], said) if isinstance(said, dict) else {"rows": said}
    rows: Any = whole.get("rows")
    if not isinstance(rows, list):
        raise _unreadable(name, "it needs rows: a list of objects with sku and price")
    if whole.get("currency", "USD") != "USD":
        raise _unreadable(name, "its currency is not USD")
    if "tax_rate" in whole and _price(whole["tax_rate"]) != VAT_RATE:
        raise _unreadable(name, f"its tax_rate is not {VAT_RATE}")
    tax_included = whole.get("tax_included")
    if tax_included is not None and not isinstance(tax_included, bool):
        raise _unreadable(name, "its tax_included is neither true nor false")
    return PriceSource(name, tuple(_rows(name, cast(list[Any], rows))), tax_included, _date(name, whole.get("date")))


def _rows(name: str, rows: Iterable[Any]) -> Iterable[SourceRow]:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _unreadable(name, f"row {number} is not an object with sku and price")
        said = cast(dict[str, Any], row)
        sku, unit = (_word(said.get(column)) for column in ("sku", "unit"))
        estimated = said.get("estimated", False)
        if not isinstance(estimated, bool):
            raise _unreadable(name, f"row {number}: its estimated is neither true nor false")
        yield SourceRow(number, sku, _price(said.get("price")), unit, estimated)


def _word(value: object) -> str:
    """As text that can be written, for JSON can name halves of a letter; "" for what is neither text nor a number."""
    text = str(value) if isinstance(value, str | int) else ""
    return text.strip()[:_LONGEST_SKU].encode("utf-8", "replace").decode()


def _date(name: str, value: object) -> datetime.date | None:
    try:
        return None if value is None else datetime.date.fromisoformat(str(value))
    except ValueError as error:
        raise _unreadable(name, "its date is not written as 2026-08-15") from error


def _price(value: object) -> Decimal | None:
    try:
        return PLAIN.decimal(_CURRENCY.sub("", value.strip()) if isinstance(value, str) else value)
    except ValueError:
        return None


def _unreadable(name: str, fault: str) -> InvalidRequest:
    return InvalidRequest(f"source: {shown(name)} cannot be read: {fault}", field="source", received=shown(name))
