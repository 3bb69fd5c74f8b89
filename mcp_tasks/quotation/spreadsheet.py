"""A bill of materials for spreadsheets: as an Excel workbook, and as CSV. Equal bills give equal bytes.

The CSV is what an Excel set to the language of the bill opens with a double click: UTF-8 with its mark, lines that end
in CR LF, and in Spanish semicolons between cells and decimal commas, in English commas and points. A text that a
spreadsheet would take for a formula stays a text in both.
"""

import csv
import datetime
import io
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any

from mcp_tasks.quotation.bill_sheets import Bill, Cell, Sheet, sheets
from mcp_tasks.quotation.numerals import Numerals
from mcp_tasks.quotation.printable import printable

_BEGINS_A_FORMULA = ("=", "+", "-", "@")
_A4 = 9
_WHOLE = "#,##0"
_DECIMAL = "#,##0.00##"
_EMPHASISED = {"bold": True, "bg_color": "#E6EDF5"}


def csv_bytes(bill: Bill) -> bytes:
    """The bill as CSV: its head, if it has one, and a block for each sheet of the workbook, with empty lines between.

    The block of the lines and their totals begins with its header; the others begin with their names.
    A text that begins like a formula is given an apostrophe in front.
    """
    text, numbers = io.StringIO(newline=""), bill.texts.numbers
    writer = csv.writer(text, delimiter=";" if numbers.decimal_mark == "," else ",", lineterminator="\r\n")
    for number, sheet in enumerate(sheets(bill)):
        if number:
            writer.writerows(([], [sheet.name]))
        if sheet.head:
            writer.writerows(
                [_written(said["label"], numbers), _written(said["value"], numbers)] for said in sheet.head
            )
            writer.writerow([])
        writer.writerow([column.title for column in sheet.columns])
        writer.writerows([_written(cell, numbers) for cell in row] for row in (*sheet.rows, *sheet.sums))
    return text.getvalue().encode("utf-8-sig")


def _written(cell: Cell, numbers: Numerals) -> str:
    if isinstance(cell, Decimal):
        return numbers.bare(cell)
    if isinstance(cell, str):
        text = printable(cell)
        return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
    return "" if cell is None else str(cell)


def xlsx_bytes(bill: Bill) -> bytes:
    """The bill as an Excel workbook: numbers are numbers, and how they look is the reader's own language."""
    xlsxwriter: Any = import_module("xlsxwriter")  # here, for it takes longer to import than a bill to calculate
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        day = datetime.datetime.combine(bill.bom.price_list.date, datetime.time())
        book.set_properties({"title": bill.texts.bill.title, "created": day})
        formats: dict[tuple[str, bool], Any] = {
            (kind, bold): book.add_format({"num_format": kind, "valign": "top", "text_wrap": kind == "@"} | extra)
            for kind in ("@", _WHOLE, _DECIMAL)
            for bold, extra in ((False, {}), (True, _EMPHASISED))
        }
        formats["head", True], formats["head", False] = book.add_format({"bold": True}), book.add_format({})
        for sheet in sheets(bill):
            _write(book.add_worksheet(sheet.name), sheet, formats)
    return content.getvalue()


def _write(page: Any, sheet: Sheet, formats: dict[tuple[str, bool], Any]) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    top = len(sheet.head) and len(sheet.head) + 1  # the row of the columns' titles, below the head
    last = top + len(sheet.rows)
    page.repeat_rows(top)
    if not top:
        page.freeze_panes(1, 0)  # a head would stay in view with it, and leave little room for the lines
    page.autofilter(top, 0, last, len(sheet.columns) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:Z{last + 1}"})  # an SKU of digits is no number
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    for row, said in enumerate(sheet.head):
        page.write_string(row, 0, said["label"], formats["head", True])
        page.write_string(row, 1, printable(said["value"]), formats["head", False])
    for row, (cells, bold) in enumerate(_rows(sheet), start=top):
        for at, cell in enumerate(cells):
            _put(page, row, at, cell, formats, bold=bold)


def _put(page: Any, row: int, at: int, cell: Cell, formats: dict[tuple[str, bool], Any], *, bold: bool) -> None:
    if isinstance(cell, str):
        page.write_string(row, at, printable(cell), formats["@", bold])
    elif cell is None:
        page.write_blank(row, at, None, formats["@", bold])
    else:
        page.write_number(row, at, float(cell), formats[_DECIMAL if isinstance(cell, Decimal) else _WHOLE, bold])


def _rows(sheet: Sheet) -> Iterator[tuple[tuple[Cell, ...], bool]]:
    """The rows from the top, and whether they stand out."""
    yield tuple(column.title for column in sheet.columns), True
    yield from ((row, False) for row in sheet.rows)
    yield from ((row, True) for row in sheet.sums)
