"""Bills of materials as workbooks and as CSV, and what a reader of them finds."""

import csv
import io
from typing import Any

import openpyxl  # pyright: ignore[reportMissingTypeStubs, reportMissingModuleSource]

from mcp_tasks.quotation.bill_sheets import Bill
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.document import Client, Language, quotation_from_bom
from mcp_tasks.quotation.presentation import head_of
from mcp_tasks.quotation.spreadsheet import csv_bytes, xlsx_bytes
from mcp_tasks.quotation.texts import Texts
from tests.quotation.quotations import COMPANY, DAY


def written(bom: Bom, language: Language = "es") -> Bill:
    """A bill that belongs to no quotation."""
    return Bill(bom, language, Texts.load(language))


def issued(bom: Bom, client: Client, language: Language = "es", revision: int = 1) -> Bill:
    """The bill of a quotation of 23 November 2026."""
    quotation = quotation_from_bom(bom, client, quotation_id="Q-2026-0001", date=DAY, language=language)
    texts = Texts.load(language)
    head = head_of(quotation.model_copy(update={"revision": revision}), COMPANY, texts)
    return written(bom, language)._replace(head=tuple(head))


def blocks(bill: Bill, delimiter: str = ";") -> list[list[list[str]]]:
    """The CSV as an Excel in its language reads it: its blocks, their rows, the cells."""
    content = csv_bytes(bill)
    assert content.startswith(b"\xef\xbb\xbf")
    read: list[list[list[str]]] = [[]]
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter):
        if row:
            read[-1].append(row)
        else:
            read.append([])
    return read


def workbook(bill: Bill) -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(bill)))


def cells(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def table(sheet: Any, head: int = 0) -> list[dict[str, Any]]:
    """The rows of a sheet by the titles of its columns, which stand below `head` rows."""
    titles, *rows = cells(sheet)[head:]
    return [dict(zip(titles, row, strict=True)) for row in rows]
