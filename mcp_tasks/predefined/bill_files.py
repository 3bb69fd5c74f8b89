"""A bill of materials as files, for whoever goes on calculating with it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import anyio.to_thread
from pydantic import AfterValidator, Field

from mcp_tasks.context import TaskContext
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.document import Language, Quotation
from mcp_tasks.quotation.fields import one_of

if TYPE_CHECKING:
    from mcp_tasks.quotation.stationery import Stationery

BillFormat = Literal["xlsx", "csv"]

_MEDIA_TYPES: Mapping[BillFormat, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def _each_once(formats: Sequence[BillFormat]) -> Sequence[BillFormat]:
    if len(set(formats)) < len(formats):
        raise ValueError("name each format once")
    return formats


BillFormats = Annotated[
    tuple[Annotated[BillFormat, one_of("xlsx", "csv")], ...], Field(max_length=2), AfterValidator(_each_once)
]
"""The files that are made besides."""


async def write_bill(
    bom: Bom,
    formats: BillFormats,
    stationery: "Stationery",
    language: Language,
    issued: Quotation | None,
    ctx: TaskContext,
) -> None:
    """The bill as artifacts bom.xlsx and bom.csv, as far as they were asked for; written in a thread.

    `issued` is the quotation that it belongs to, with its number, revision and date: the files then say so.
    """
    for name in formats:
        file = ctx.artifact(f"bom.{name}", _MEDIA_TYPES[name])
        await anyio.to_thread.run_sync(_write, bom, stationery, language, issued, file)


def _write(bom: Bom, stationery: "Stationery", language: Language, issued: Quotation | None, file: Path) -> None:
    from mcp_tasks.quotation.bill_sheets import Bill
    from mcp_tasks.quotation.presentation import head_of
    from mcp_tasks.quotation.spreadsheet import csv_bytes, xlsx_bytes

    head = head_of(issued, stationery.company, stationery.texts) if issued else ()
    bill = Bill(bom, language, stationery.texts, tuple(head))
    file.write_bytes(csv_bytes(bill) if file.suffix == ".csv" else xlsx_bytes(bill))
