"""A bill of materials as files, for whoever goes on calculating with it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import anyio.to_thread
from pydantic import AfterValidator, Field

from mcp_tasks.context import TaskContext
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.fields import one_of

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


async def write_bill(bom: Bom, formats: BillFormats, ctx: TaskContext) -> None:
    """The bill as artifacts bom.xlsx and bom.csv, as far as they were asked for; written in a thread."""
    for name in formats:
        file = ctx.artifact(f"bom.{name}", _MEDIA_TYPES[name])
        await anyio.to_thread.run_sync(_write, bom, name, file)


def _write(bom: Bom, name: BillFormat, file: Path) -> None:
    from mcp_tasks.quotation.spreadsheet import csv_bytes, xlsx_bytes

    file.write_bytes(csv_bytes(bom) if name == "csv" else xlsx_bytes(bom))
