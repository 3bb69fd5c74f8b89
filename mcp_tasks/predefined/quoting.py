"""The tasks of the product: calculate, render, both at once.

Calculating takes less than 1 ms, so it runs on the event loop: a thread would cost more than it gives. What
blocks longer runs elsewhere: the first look at the knowledge in a thread, the rendering in a child process.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from zoneinfo import ZoneInfo

import anyio.to_thread
from pydantic import ValidationError, WithJsonSchema

from mcp_tasks.asking import completed
from mcp_tasks.clock import Clock
from mcp_tasks.context import TaskContext
from mcp_tasks.errors import PermanentError, RequestError
from mcp_tasks.functions import TaskFunction, task_function
from mcp_tasks.phrases import PHRASES, Phrases
from mcp_tasks.predefined.bill_files import BillFormats, write_bill
from mcp_tasks.predefined.kept import QUOTATION
from mcp_tasks.predefined.printing import Printer
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.document import Client, Language, Quotation, QuotationId, quotation_from_bom
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.order import Order
from mcp_tasks.settings import Settings
from mcp_tasks.task import Json, Record

if TYPE_CHECKING:
    from mcp_tasks.quotation.knowledge import Knowledge
    from mcp_tasks.quotation.stationery import Stationery
    from mcp_tasks.quotation.versions import KnowledgeVersions

CALCULATE_BOM = "calculate_bom"
GENERATE_PDF = "generate_quotation_pdf"
MAKE_QUOTATION = "make_quotation"

_AS_SUBMIT_BOM = {"type": "object", "description": "As result of submit_bom"}  # where it is written out
_CALCULATION_SECONDS = 30.0
_RENDERING_SECONDS = 60.0


class PdfResult(Model):
    """A rendered quotation; its first `revision` is 1. `archival`: the PDF conforms to PDF/A-3a and PDF/UA-1."""

    quotation_id: str
    revision: int
    pages: int
    archival: bool


class QuotationResult(PdfResult):
    """A rendered quotation with the bill of materials that it sells."""

    bom: Annotated[Bom, WithJsonSchema(_AS_SUBMIT_BOM, mode="serialization")]


class QuotationTasks:
    """The task functions of the product, for one company, template, language and time zone."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._zone = ZoneInfo(settings.timezone)
        self._phrases: Phrases = PHRASES[settings.language]
        self._printer = Printer(settings)
        self._versions: KnowledgeVersions | None = None

    def functions(self) -> tuple[TaskFunction, ...]:
        """Their names, limits of time, and where they run. Failures that a retry can help are forgiven twice."""
        return (
            task_function(self.calculate_bom, name=CALCULATE_BOM, timeout=_CALCULATION_SECONDS, max_retries=2),
            task_function(self.generate_pdf, name=GENERATE_PDF, timeout=_RENDERING_SECONDS, max_retries=2),
            task_function(self.make_quotation, name=MAKE_QUOTATION, timeout=_RENDERING_SECONDS, max_retries=2),
        )

    async def calculate_bom(self, order: Order, ctx: TaskContext, formats: BillFormats = ()) -> Bom:
        """The bill of materials of an order, priced today. It asks for what is missing where a request says so."""
        _, bom = await self._calculate(order, ctx.answers)
        if formats:
            language = self._settings.language
            await write_bill(bom, formats, await self._printer.stationery(language), language, None, ctx)
        return bom

    async def generate_pdf(
        self,
        quotation: Quotation,
        ctx: TaskContext,
        order: Order | None = None,
        bom: Bom | None = None,
        *,
        again: bool = False,
    ) -> PdfResult:
        """The quotation as a PDF with a preview: under a new number, or as the next revision of the one it has.

        `order` and `bom`, where it was calculated, are what it sells: they are kept with it. `again` prints one that
        is on record as it was sent, with its number, revision and date, and keeps nothing.
        """
        if again:
            return await self._print(quotation, await self._printer.stationery(quotation.language), ctx)
        sold = {"order": _given(order), "bom": _whole(bom)} if order and bom else {}
        stationery = await self._printer.stationery(quotation.language)  # where it is broken, no number is used up
        issued, _ = await self._issue(quotation, sold, ctx)
        return await self._print(issued, stationery, ctx)

    async def make_quotation(
        self,
        order: Order,
        client: Client,
        ctx: TaskContext,
        number: QuotationId | None = None,
        language: Language | None = None,
        formats: BillFormats = (),
    ) -> QuotationResult:
        """Calculate and render in one task. With the `number` of an earlier quotation it is its next revision.

        When what that one sold comes to another total today, a warning says so.
        """
        ctx.progress(0, 2, self._phrases.calculating)
        order, bom = await self._calculate(order, ctx.answers)
        try:
            quotation = quotation_from_bom(
                bom, client, quotation_id=number, language=language or self._settings.language
            )
        except ValidationError as error:
            raise PermanentError("no line of the bill of materials has a price, so there is nothing to sell") from error
        base = await ctx.kept_before(QUOTATION, number) if number else None
        bom = await self._with_changed_prices(bom, base) if base else bom
        made_of: dict[str, Json] = {"order": _given(order), "bom": _whole(bom), "formats": list(formats)}
        stationery = await self._printer.stationery(quotation.language)  # where it is broken, no number is used up
        issued, kept = await self._issue(quotation, made_of, ctx)
        pdf = await self._print(issued, stationery, ctx)
        bom = Bom.model_validate(kept.content["bom"])
        await write_bill(bom, formats, stationery, issued.language, issued, ctx)
        return QuotationResult(bom=bom, **dict(pdf))

    async def knowledge(self) -> "Knowledge":
        """Catalog, rules and prices as they are now: imported and read in a thread, and kept until they change."""
        versions = await self.versions()
        return versions.ready() or await anyio.to_thread.run_sync(versions.knowledge)

    async def versions(self) -> "KnowledgeVersions":
        """What `knowledge` reads, and who changes it."""
        if self._versions is None:
            self._versions = await anyio.to_thread.run_sync(_versions, self._settings.knowledge)
        return self._versions

    @property
    def language(self) -> Language:
        """Of documents for which nobody says one."""
        return self._settings.language

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

    async def _with_changed_prices(self, bom: Bom, base: Record) -> Bom:
        """`bom`, with a warning when the order of `base` costs something else today; it is for whoever quotes."""
        from mcp_tasks.quotation.order_quote import calculate_order
        from mcp_tasks.quotation.wording import prices_changed

        content: Mapping[str, Any] = base.content
        if "order" not in content:
            return bom
        before = Decimal(content["bom"]["totals"]["total"])
        try:
            order = Order.model_validate(content["order"])
            now = calculate_order(order, await self.knowledge(), self.today()).totals.total
        except (RequestError, ValidationError):  # it is not sold like that any more: there is no price to compare
            return bom
        if now == before:
            return bom
        return bom.model_copy(update={"warnings": (*bom.warnings, prices_changed(before, now))})

    async def _issue(self, quotation: Quotation, sold: dict[str, Json], ctx: TaskContext) -> tuple[Quotation, Record]:
        """Keep a quotation with its date and what it sells; at a second attempt it is what the first kept."""
        dated = quotation.model_copy(update={"date": quotation.date or self.today()})
        content: Json = {**sold, "quotation": _given(dated)}
        kept = await ctx.record(QUOTATION, content, key=quotation.quotation_id, prefix=f"Q-{dated.date:%Y}-")
        numbered = {"quotation_id": kept.key, "revision": kept.revision}
        return Quotation.model_validate(kept.content["quotation"]).model_copy(update=numbered), kept

    async def _print(self, quotation: Quotation, stationery: "Stationery", ctx: TaskContext) -> PdfResult:
        """Print a quotation that has its number."""
        number, day = quotation.quotation_id or "", quotation.date or self.today()
        ctx.progress(0, 2, self._phrases.rendering)
        printed = await self._printer.print(quotation, number, day, stationery, ctx)
        return PdfResult(quotation_id=number, revision=quotation.revision, **printed)


def _given(model: Model) -> Json:
    """What was given, as somebody would write it."""
    return cast(Json, model.model_dump(mode="json", exclude_none=True))


def _whole(bom: Bom) -> Json:
    """All of a bill, so that it can be read again: what it has not is null."""
    return cast(Json, bom.model_dump(mode="json"))


def _versions(folder: Path) -> "KnowledgeVersions":
    import_module("mcp_tasks.quotation.order_quote")  # so that the loop need not wait for it later
    from mcp_tasks.quotation.versions import KnowledgeVersions

    return KnowledgeVersions(folder)
