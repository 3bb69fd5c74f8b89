"""Submit the PDF of a quotation and a bill of materials, and let a worker make them."""

import asyncio

from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.decorators import set_global_queue
from mcp_tasks.tasks import calculate_bom_async, generate_quotation_pdf

queue = TaskQueue()
set_global_queue(queue)


async def main() -> None:
    quotation_data = {
        "quotation_id": "Q-2026-001",
        "client_name": "BMC Uruguay",
        "items": [{"name": "Gotero lateral 100 mm", "unit_base": "unidad", "quantity": 4, "unit_price_usd": 20.77}],
    }

    pdf = await generate_quotation_pdf(quotation_data)
    print(f"PDF generation task: {pdf.name}, {pdf.status}")

    bom = await calculate_bom_async(
        product_family="ISODEC", thickness_mm=100, core_type="EPS", usage="techo", length_m=12.0, width_m=6.0
    )
    print(f"BOM calculation task: {bom.name}, {bom.status}")

    async with TaskWorker(queue):
        pdf = await queue.wait(pdf.id)
        bom = await queue.wait(bom.id)
    print(f"{pdf.status}: {pdf.result}, {[artifact.name for artifact in pdf.artifacts]}")
    print(f"{bom.status}: {bom.result['panel_area_m2']} m2, {bom.result['totals']['total']} USD")


asyncio.run(main())
