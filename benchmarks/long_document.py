"""A quotation of as many lines as there may be: as a task, against a bare table of the same lines."""

import datetime
import json
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path

import typst

from benchmarks.documents import rendering_p50, task_p50
from benchmarks.measure import Effort, Line, Measured, Stopwatch, in_turns, p50_ms
from mcp_tasks.quotation.document import MAX_LINES, Client, Quotation, QuotationLine
from mcp_tasks.quotation.knowledge import load
from mcp_tasks.quotation.preview import first_page

_DAY = datetime.date(2026, 1, 15)
_TABLE = Path(__file__).with_name("plain_table.typ")
_HEADER = ["Producto", "Unid.", "Cant.", "Precio USD", "Total USD"]
_WARM = 2


def long_pdf(folder: Path, effort: Effort) -> list[Line]:
    """Submit to artifacts, each time under a new number.

    Bare is a typst document with nothing but a table of the same five columns, compiled in process in the same fonts
    and to the same PDF standards, with a picture of its first page: no layout, no logo, no totals, no comments.
    """
    quotation, n = _quotation(), effort.of(10)
    ours, bare, same = in_turns(
        folder,
        effort.rounds,
        partial(task_p50, quotation, n),
        partial(_table_p50, quotation, n),
        partial(rendering_p50, quotation, n),
    )
    what = f"a quotation of {MAX_LINES} lines, submit to artifacts, p50"
    return [
        Measured(what, "bare typst table of the lines + preview, in process", "ms", ours, bare, gate=2),
        Measured(what, "its own template + preview, in process", "ms", ours, same, gate=None),
    ]


def _quotation() -> Quotation:
    """Lines of everything that the newest list has a price for, again and again."""
    knowledge = load()
    prices = knowledge.price_list(None)
    names = {product.sku: product.name_es for product in (*knowledge.catalog.panels, *knowledge.catalog.accessories)}
    rows = islice(cycle(prices.rows), MAX_LINES)
    lines = [
        QuotationLine(
            section="paneles" if row.unit == "m2" else "accesorios" if row.unit == "pieza" else "fijaciones",
            name=f"{names[row.sku]} ({number})",
            unit=row.unit,
            quantity=Decimal(number + 1),
            unit_price=row.price,
        )
        for number, row in enumerate(rows)
    ]
    return Quotation(client=Client(name="Cliente de Muestra"), date=_DAY, lines=tuple(lines), prices_include_tax=True)


def _table_p50(quotation: Quotation, n: int, _: Path) -> float:
    rows = [
        [line.name, line.unit, str(line.quantity), str(line.unit_price), str(line.amount)] for line in quotation.lines
    ]
    laps: list[float] = []
    for number in range(_WARM + n):
        watch = Stopwatch()
        data = {"number": f"Q-2026-{number:04}", "header": _HEADER, "rows": rows}
        pdf = _compiler().compile(
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=datetime.datetime(2026, 1, 15, tzinfo=datetime.UTC),
            pdf_standards=["a-3a", "ua-1"],
        )
        assert isinstance(pdf, bytes)
        first_page(pdf)
        laps.append(watch.lap())
    return p50_ms(laps[_WARM:])


@cache
def _compiler() -> typst.Compiler:
    folders = [str(files(package) / "files") for package in ("fontpkg_open_sans", "fontpkg_noto_sans")]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    return typst.Compiler(_TABLE, root=_TABLE.parent, font_paths=fonts, ignore_system_fonts=True)
