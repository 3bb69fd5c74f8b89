"""A bill of materials for spreadsheets: as an Excel workbook, and as CSV. Equal bills give equal bytes.

The CSV is what an Excel set to Spanish opens with a double click: UTF-8 with its mark, semicolons between cells,
decimal commas, lines that end in CR LF. A text that a spreadsheet would take for a formula stays a text in both.
"""

import csv
import datetime
import io
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bill_sheets import Cell, Sheet, sheets
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.printable import printable

_BEGINS_A_FORMULA = ("=", "+", "-", "@")
_A4 = 9
_WHOLE = "#,##0"
_DECIMAL = "#,##0.00##"
_EMPHASISED = {"bold": True, "bg_color": "#E6EDF5"}


def csv_bytes(bom: Bom) -> bytes:
    """The bill as CSV: a block for each sheet of the workbook, with an empty line between them.

    The first block, the lines and their totals, begins with its header; the others begin with their names.
    A text that begins like a formula is given an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for number, sheet in enumerate(sheets(bom)):
        if number:
            writer.writerows(([], [sheet.name]))
        writer.writerow([column.title for column in sheet.columns])
        writer.writerows([_written(cell) for cell in row] for row in (*sheet.rows, *sheet.sums))
    return text.getvalue().encode("utf-8-sig")


def _written(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return spanish.bare(cell)
    if isinstance(cell, str):
        text = printable(cell)
        return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
    return "" if cell is None else str(cell)


def xlsx_bytes(bom: Bom) -> bytes:
    """The bill as an Excel workbook: numbers are numbers, and how they look is the reader's own language."""
    xlsxwriter: Any = import_module("xlsxwriter")  # here, for it takes longer to import than a bill to calculate
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        day = datetime.datetime.combine(bom.price_list.date, datetime.time())
        book.set_properties({"title": "Lista de materiales", "created": day})
        formats: dict[tuple[str, bool], Any] = {
            (kind, bold): book.add_format({"num_format": kind, "valign": "top", "text_wrap": kind == "@"} | extra)
            for kind in ("@", _WHOLE, _DECIMAL)
            for bold, extra in ((False, {}), (True, _EMPHASISED))
        }
        for sheet in sheets(bom):
            _write(book.add_worksheet(sheet.name), sheet, formats)
    return content.getvalue()


def _write(page: Any, sheet: Sheet, formats: dict[tuple[str, bool], Any]) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:Z{len(sheet.rows) + 1}"})  # an SKU of digits is no number
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    for row, (cells, bold) in enumerate(_rows(sheet)):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                page.write_string(row, at, printable(cell), formats["@", bold])
            elif cell is None:
                page.write_blank(row, at, None, formats["@", bold])
            else:
                page.write_number(
                    row, at, float(cell), formats[_DECIMAL if isinstance(cell, Decimal) else _WHOLE, bold]
                )


def _rows(sheet: Sheet) -> Iterator[tuple[tuple[Cell, ...], bool]]:
    """The rows from the top, and whether they stand out."""
    yield tuple(column.title for column in sheet.columns), True
    yield from ((row, False) for row in sheet.rows)
    yield from ((row, True) for row in sheet.sums)
