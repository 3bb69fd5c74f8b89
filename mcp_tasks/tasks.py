"""The calls of the original guide that submit the product's tasks.

Importing this registers the product's functions, so that every queue of the process knows them, under the settings
of the environment; a queue of `open_queue(settings)` has its own. Nothing else of mcp_tasks imports it: to know them
is for programs that ask for these calls.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from mcp_tasks.clock import SystemClock
from mcp_tasks.decorators import global_queue, registry
from mcp_tasks.functions import new_task
from mcp_tasks.predefined.quoting import CALCULATE_BOM, GENERATE_PDF, QuotationTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.order import Order
from mcp_tasks.quotation.published import PublishedQuotation
from mcp_tasks.quotation.quote import check
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.repair import fields_of, invalid_request
from mcp_tasks.settings import Settings
from mcp_tasks.task import Task

_tasks = QuotationTasks(Settings.read(), SystemClock())
for _function in _tasks.functions():
    registry.add(_function)


async def generate_quotation_pdf(quotation_data: Mapping[str, Any]) -> Task:
    """Submit the PDF of a quotation, in the shape of `PublishedQuotation`, to the global queue; returns the task.

    Its result is `PdfResult`, its artifacts are quotation.pdf and preview.png. Raises `InvalidRequest`, which names
    the field ("quotation_data.products.0.total_usd"), and what storing a task raises; then nothing is stored.
    """
    try:
        quotation = PublishedQuotation.model_validate(quotation_data).quotation()
    except ValidationError as error:
        raise invalid_request(error, fields_of(PublishedQuotation), at="quotation_data") from error
    return await _submit(GENERATE_PDF, "generate_quotation_pdf", quotation=quotation)


async def calculate_bom_async(
    product_family: str,
    thickness_mm: float | str | Decimal | None = None,
    core_type: str | None = None,
    usage: str | None = None,
    length_m: float | str | Decimal | None = None,
    width_m: float | str | Decimal | None = None,
    quantity_panels: int | str | None = None,
    **further: Any,
) -> Task:
    """Submit a calculation to the global queue; returns the task, whose result is a `Bom`.

    `further` are the other fields of `PanelRequest`, which says what may be left out: the thickness of a roof with
    `span_m`, the length where `panel_groups` are given, never the usage. Lengths are metres. Raises `InvalidRequest`
    and what `check` raises, which name the field as the submit tools do ("request.thickness_mm"), and what storing a
    task raises; then nothing is stored.
    """
    given = {
        "product_family": product_family,
        "thickness_mm": thickness_mm,
        "core_type": core_type,
        "usage": usage,
        "length_m": length_m,
        "width_m": width_m,
        "quantity_panels": quantity_panels,
        **further,
    }
    try:
        request = PanelRequest.model_validate({field: value for field, value in given.items() if value is not None})
    except ValidationError as error:
        raise invalid_request(error, fields_of(PanelRequest), at="request") from error
    check(request, await _tasks.knowledge())
    return await _submit(CALCULATE_BOM, "calculate_bom_async", order=Order(requests=(request,)))


async def _submit(name: str, caller: str, **params: Any) -> Task:
    """The task of that function as the global queue knows it: its settings may say more than ours."""
    queue = global_queue(caller)
    functions = queue.functions if isinstance(queue, TaskQueue) else registry
    return await queue.submit(new_task(functions.get(name), (), params))
