"""The main job, for a person to watch: a roof becomes a bill of materials, and a quotation as PDF.

A real client talks to a real server process over stdio. The server's data stay in a folder of the demo.
"""

import sys
import time
from pathlib import Path
from typing import Any

import anyio
from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcp_tasks.console import open_console, size, span
from mcp_tasks.errors import McpTasksError
from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Bom, BomLine, Totals
from mcp_tasks.quotation.preview import first_page
from mcp_tasks.server.demo import DemoClient, connected

ROOF = {
    "product_family": "ISODEC",
    "core_type": "EPS",
    "thickness_mm": 100,
    "usage": "techo",
    "length_m": 5,
    "width_m": 11,
    "structure": "metal",
    "top_edge": "babeta_adosar",
}
CLIENT = {"name": "Cliente de Muestra", "address": "Calle del Ejemplo 123, Montevideo"}
_SECTIONS = {"paneles": "Paneles", "accesorios": "Accesorios", "fijaciones": "Fijaciones y sellado"}


def run_demo(output: Path, template: Path | None = None, company: Path | None = None) -> None:
    """Run the demo; its files go into `output`, printed as `template` and `company` say.

    Raises `McpTasksError` unless the PDF opens.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise McpTasksError(f"{output} cannot be made ({error.strerror}); name another --output") from error
    flags = {"--template": template, "--company": company}
    anyio.run(_Demo(output, [str(word) for flag in flags.items() if flag[1] for word in flag]).run)


class _Demo:
    def __init__(self, output: Path, flags: list[str]) -> None:
        self._output = output
        self._flags = flags
        self._console = open_console()

    async def run(self) -> None:
        data = self._output / "data"
        command = [sys.executable, "-m", "mcp_tasks", "serve", "--data-dir", str(data), *self._flags]
        self._heading("A server process, and a client on its stdin and stdout")
        self._say(" ".join(["python", *command[1:]]))
        begun = time.perf_counter()
        async with connected(command, self._output / "server.log") as client:
            tools = await client.tools()
            ready = span(time.perf_counter() - begun)
            self._say(f"ready in {ready}: MCP {client.protocol}, {len(tools)} tools")
            self._console.print(Padding(Text(", ".join(tools), "dim"), (0, 0, 0, 2), expand=False))
            await self._show_bom(client)
            files = await self._make_quotation(client)
        self._show_files(files)
        self._heading("The tasks are still there")
        self._say(f"{_program()} list --data-dir {data}")

    async def _show_bom(self, client: DemoClient) -> None:
        self._heading("submit_bom: a roof of 5 x 11 m, ISODEC EPS 100 mm on metal, babeta de adosar")
        view = await self._submit(client, "submit_bom", {"request": ROOF})
        self._console.print()
        show_bom(self._console, Bom.model_validate(view["result"]))

    async def _make_quotation(self, client: DemoClient) -> list[Path]:
        self._heading(f"submit_quotation: the same roof as a PDF for {CLIENT['name']}")
        view = await self._submit(client, "submit_quotation", {"request": ROOF, "client": CLIENT})
        result: dict[str, Any] = view["result"]
        form = "archival (PDF/A-3a)" if result["archival"] else "not archival"
        self._say(f"quotation {result['quotation_id']}, {_pages(result['pages'])}, {form}")
        files: list[Path] = []
        for artifact in view["artifacts"]:
            path = self._output / Path(artifact["name"]).name
            path.write_bytes(await client.read(artifact["uri"]))
            files.append(path)
        return files

    async def _submit(self, client: DemoClient, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        def heard(*, done: float, total: float | None, message: str | None) -> None:
            share = f"{100 * done / total:3.0f} %" if total else f"{done:g}"
            self._console.print(Text(f"  {share}  {message or ''}", "dim"))

        begun = time.perf_counter()
        view = await client.submit(tool, arguments, heard)
        took = span(time.perf_counter() - begun)
        self._console.print(Text.assemble(("  completed", "green"), f" in {took}, task {view['task_id']}"))
        return view

    def _show_files(self, files: list[Path]) -> None:
        """Where the files are. Raises `McpTasksError` unless the PDF is among them and opens."""
        self._heading("The files, fetched as artifact:// resources")
        pdf = next((path for path in files if path.suffix == ".pdf"), None)
        if pdf is None:
            raise McpTasksError("the quotation has no PDF")
        for path in sorted(files, key=lambda path: path != pdf):
            content = path.read_bytes()
            opens = f", opens, {_count_pages(content, path)}" if path == pdf else ""
            line = Text.assemble("  ", (str(path), "bold"), f"  {size(len(content))}{opens}")
            self._console.print(line, soft_wrap=True)

    def _heading(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, "bold cyan"))

    def _say(self, text: str) -> None:
        self._console.print(Text(f"  {text}"), soft_wrap=True)


def show_bom(console: Console, bom: Bom) -> None:
    """A bill of materials as a customer in Uruguay reads it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0, header_style="dim")
    table.add_column("Material", overflow="fold")
    table.add_column("Cantidad", justify="right", no_wrap=True)
    table.add_column("Unidad", no_wrap=True)
    for heading in ("Precio US$", "Total US$"):
        table.add_column(heading, justify="right", no_wrap=True)
    for section, title in _SECTIONS.items():
        lines = [line for line in bom.lines if line.section == section]
        if lines:
            table.add_row(Text(title, "bold"))
        for line in lines:
            table.add_row(*_row(line))
        table.add_section()
    for name, amount, style in _sums(bom.totals):
        table.add_row(Text(name, style), "", "", "", Text(amount, style))
    console.print(table)
    console.print()
    _show_remarks(console, bom)


def _row(line: BomLine) -> tuple[RenderableType, ...]:
    return (
        Padding(line.name_es, (0, 0, 0, 1)),
        spanish.quantity(line.quantity, line.unit),
        spanish.unit(line.unit),
        "" if line.unit_price is None else spanish.decimal(line.unit_price),
        "" if line.total is None else spanish.decimal(line.total),
    )


def _sums(totals: Totals) -> list[tuple[str, str, str]]:
    tax = "con IVA" if totals.prices_include_tax else "sin IVA"
    sums = [(f"Materiales, {tax}", totals.materials, "")]
    if totals.discount:
        sums.append(("Descuento", -totals.discount, ""))
    if totals.shipping:
        sums.append(("Flete", totals.shipping, ""))
    if totals.net != totals.materials:
        sums.append(("Neto", totals.net, ""))
    sums += [("IVA 22 %", totals.vat, ""), ("TOTAL", totals.total, "bold green")]
    return [(name, spanish.decimal(amount), style) for name, amount, style in sums]


def _show_remarks(console: Console, bom: Bom) -> None:
    prices = bom.price_list
    for mark, text, style in (
        *(("!", w.text, "yellow") for w in bom.warnings),
        *(("?", q.text, "") for q in bom.questions),
        (" ", f"Lista de precios {prices.id} del {spanish.day(prices.date)}, de {prices.age_days} días.", "dim"),
        (" ", bom.notice, "dim"),
    ):
        remark = Table.grid(padding=(0, 1))
        remark.add_row(Text(f"  {mark}", style), Text(text, style))
        console.print(remark)


def _program() -> str:
    """This command as it was typed, so that it can be typed again."""
    typed = Path(sys.argv[0])
    return str(typed) if typed.stem == "mcp-tasks" else "python -m mcp_tasks"


def _count_pages(pdf: bytes, path: Path) -> str:
    """Open the PDF as a reader would, and draw it."""
    try:
        _, pages = first_page(pdf)
    except Exception as error:
        raise McpTasksError(f"{path} does not open: {error}") from error
    if not pdf.startswith(b"%PDF") or not pages:
        raise McpTasksError(f"{path} is not a PDF with pages")
    return _pages(pages)


def _pages(n: int) -> str:
    return "1 page" if n == 1 else f"{n} pages"
