"""The tasks of the product: calculate, render, both at once.

Calculating takes less than 1 ms, so it runs on the event loop: a thread would cost more than it gives. What
blocks longer runs elsewhere: the first look at the knowledge in a thread, the rendering in a child process.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo

import anyio.to_thread
from pydantic import AfterValidator, Field, ValidationError

from mcp_tasks.asking import completed
from mcp_tasks.clock import Clock
from mcp_tasks.context import TaskContext
from mcp_tasks.errors import PermanentError, RequestError
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.phrases import PHRASES, Phrases
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.document import Client, Language, Quotation, QuotationId, quotation_from_bom
from mcp_tasks.quotation.fields import Model, one_of
from mcp_tasks.quotation.order import Order
from mcp_tasks.settings import Settings
from mcp_tasks.task import Json

if TYPE_CHECKING:
    from mcp_tasks.quotation.knowledge import Knowledge

CALCULATE_BOM = "calculate_bom"
GENERATE_PDF = "generate_quotation_pdf"
MAKE_QUOTATION = "make_quotation"
QUOTATION = "quotation"
"""The kind of the records that quotations leave, under their numbers."""

BillFormat = Literal["xlsx", "csv"]


def _each_once(formats: Sequence[BillFormat]) -> Sequence[BillFormat]:
    if len(set(formats)) < len(formats):
        raise ValueError("name each format once")
    return formats


Formats = Annotated[
    tuple[Annotated[BillFormat, one_of("xlsx", "csv")], ...], Field(max_length=2), AfterValidator(_each_once)
]
"""The files of a bill of materials that are made besides."""

_MEDIA_TYPES: Mapping[BillFormat, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_RENDER = "mcp_tasks.quotation.render:render_in_child"
_CALCULATION_SECONDS = 30.0
_RENDERING_SECONDS = 60.0


class PdfResult(Model):
    """A rendered quotation. `archival`: the PDF conforms to PDF/A-3a and PDF/UA-1."""

    quotation_id: str
    pages: int
    archival: bool


class QuotationResult(PdfResult):
    """A rendered quotation with the bill of materials that it sells."""

    bom: Bom


class QuotationTasks:
    """The task functions of the product, for one company, template, language and time zone."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._zone = ZoneInfo(settings.timezone)
        self._phrases: Phrases = PHRASES[settings.language]
        self._knowledge: Knowledge | None = None

    def functions(self) -> tuple[TaskFunction, ...]:
        """Their names, limits of time, and where they run. Failures that a retry can help are forgiven twice."""
        return (
            task_function(self.calculate_bom, name=CALCULATE_BOM, timeout=_CALCULATION_SECONDS, max_retries=2),
            task_function(self.generate_pdf, name=GENERATE_PDF, timeout=_RENDERING_SECONDS, max_retries=2),
            task_function(self.make_quotation, name=MAKE_QUOTATION, timeout=_RENDERING_SECONDS, max_retries=2),
        )

    async def calculate_bom(self, order: Order, ctx: TaskContext, formats: Formats = ()) -> Bom:
        """The bill of materials of an order, priced today. It asks for what is missing where a request says so."""
        _, bom = await self._calculate(order, ctx.answers)
        await _write_bill(bom, formats, ctx)
        return bom

    async def generate_pdf(self, quotation: Quotation, ctx: TaskContext) -> PdfResult:
        """The quotation as a PDF with a preview: under a new number, or as the next revision of the one it has."""
        return await self._render(quotation, {"quotation": _json(quotation)}, ctx)

    async def make_quotation(
        self,
        order: Order,
        client: Client,
        ctx: TaskContext,
        number: QuotationId | None = None,
        language: Language | None = None,
        formats: Formats = (),
    ) -> QuotationResult:
        """Calculate and render in one task. With the `number` of an earlier quotation it is its next revision."""
        ctx.progress(0, 2, self._phrases.calculating)
        order, bom = await self._calculate(order, ctx.answers)
        try:
            quotation = quotation_from_bom(
                bom, client, quotation_id=number, language=language or self._settings.language
            )
        except ValidationError as error:
            raise PermanentError("no line of the bill of materials has a price, so there is nothing to sell") from error
        made_of = {"order": _json(order), "bom": _json(bom), "quotation": _json(quotation)}
        pdf = await self._render(quotation, made_of, ctx)
        await _write_bill(bom, formats, ctx)
        return QuotationResult(bom=bom, **dict(pdf))

    async def knowledge(self) -> "Knowledge":
        """Catalog, rules and prices: imported and read in a thread at the first call, then kept."""
        if self._knowledge is None:
            self._knowledge = await anyio.to_thread.run_sync(_load_knowledge)
        return self._knowledge

    def today(self) -> date:
        """The date in the zone of the settings."""
        return datetime.fromtimestamp(self._clock.now(), self._zone).date()

    async def _calculate(self, order: Order, answers: Mapping[str, Any]) -> tuple[Order, Bom]:
        """The order with the answers, and its bill of materials. Raises `NeedsAnswers`."""
        from mcp_tasks.quotation.order_quote import calculate_order
        from mcp_tasks.quotation.project import understand

        knowledge = await self.knowledge()
        try:
            order = completed(order, answers, lambda r: understand(r, knowledge).panel.max_span_m, self._phrases)
            return order, calculate_order(order, knowledge, self.today())
        except RequestError as error:  # whoever enqueued it did not ask `check_order` first
            raise PermanentError(str(error)) from error

    async def _render(self, quotation: Quotation, made_of: dict[str, Json], ctx: TaskContext) -> PdfResult:
        from mcp_tasks.quotation.company import SAMPLE, Company
        from mcp_tasks.quotation.presentation import presentation

        company = await anyio.to_thread.run_sync(Company.load, self._settings.company_file or SAMPLE)
        day = quotation.date or self.today()
        kept = await ctx.record(QUOTATION, made_of, key=quotation.quotation_id, prefix=f"Q-{day.year}-")
        quotation = quotation.model_copy(update={"revision": kept.revision})
        folder = ctx.artifact("quotation.pdf", "application/pdf").parent
        ctx.artifact("preview.png", "image/png")
        ctx.progress(0, 2, self._phrases.rendering)
        template = self._settings.template_file
        payload = {
            "presentation": cast(Json, presentation(quotation, company, kept.key, day)),
            "folder": str(folder),
            "logo": str(company.logo) if company.logo else None,
            "template": str(template) if template else None,
        }
        rendered = cast(dict[str, Any], await ctx.call_process(_RENDER, payload))
        return PdfResult(quotation_id=kept.key, **rendered)


async def _write_bill(bom: Bom, formats: Formats, ctx: TaskContext) -> None:
    """The bill as the files that were asked for, written in a thread."""
    for name in formats:
        file = ctx.artifact(f"bom.{name}", _MEDIA_TYPES[name])
        await anyio.to_thread.run_sync(_write_file, file, name, bom)


def _write_file(file: Path, name: BillFormat, bom: Bom) -> None:
    from mcp_tasks.quotation.spreadsheet import csv_bytes, xlsx_bytes

    file.write_bytes(csv_bytes(bom) if name == "csv" else xlsx_bytes(bom))


def _json(model: Model) -> Json:
    return cast(Json, model.model_dump(mode="json", exclude_none=True))


def _load_knowledge() -> "Knowledge":
    import_module("mcp_tasks.quotation.order_quote")  # so that the loop need not wait for it later
    from mcp_tasks.quotation.knowledge import load

    return load()
