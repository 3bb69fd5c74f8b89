"""The calls of the original guide for its own product: a quotation as a PDF, a bill of materials."""

from pathlib import Path
from typing import Any

import pytest

from mcp_tasks import TaskQueue, TaskStatus, TaskWorker
from mcp_tasks.app import open_queue
from mcp_tasks.decorators import set_global_queue
from mcp_tasks.errors import InvalidRequest, SystemNotSupported, ThicknessNotAvailable
from mcp_tasks.settings import Settings
from mcp_tasks.tasks import calculate_bom_async, generate_quotation_pdf
from tests.quotation.quotations import pages

pytestmark = pytest.mark.anyio

ROOF: dict[str, Any] = {
    "product_family": "ISODEC",
    "thickness_mm": 100,
    "core_type": "EPS",
    "usage": "techo",
    "length_m": 12.0,
    "width_m": 6.0,
}
DRIP_EDGE: dict[str, Any] = {
    "name": "Gotero lateral 100 mm",
    "unit_base": "unidad",
    "length_m": 3.0,
    "quantity": 4,
    "unit_price_usd": 20.77,
    "total_usd": 83.08,
}
QUOTATION: dict[str, Any] = {"quotation_id": "Q-2026-001", "client_name": "BMC Uruguay", "items": [DRIP_EDGE]}


def changed(**fields: Any) -> dict[str, Any]:
    return ROOF | fields


async def test_a_quotation_becomes_a_pdf_under_its_own_number(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        set_global_queue(queue)
        task = await generate_quotation_pdf(QUOTATION)
        assert task.name == "generate_quotation_pdf"

        done = await queue.wait(task.id)
        assert done.status is TaskStatus.COMPLETED
        assert done.result == {"quotation_id": "Q-2026-001", "revision": 1, "pages": 1, "archival": True}
        assert [artifact.name for artifact in done.artifacts] == ["preview.png", "quotation.pdf"]

        _, file = await queue.artifact(task.id, "quotation.pdf")
        (page,) = pages(file.read_bytes())
        assert all(words in page for words in ("Q-2026-001", "BMC Uruguay", "Gotero lateral 100 mm", "US$ 83,08"))


async def test_a_bill_of_materials_is_that_of_the_submit_tools(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        set_global_queue(queue)
        task = await calculate_bom_async(**ROOF)
        submitted = await queue.enqueue("calculate_bom", {"requests": [ROOF]})

        assert (task.name, task.params) == ("calculate_bom", submitted.params)
        done = await queue.wait(task.id)
        assert done.result["panel_area_m2"] == "80.64"  # 6 panels of 12 m, each 1.12 m wide
        assert done.result == (await queue.wait(submitted.id)).result


async def test_what_a_span_and_the_panels_say_may_be_left_out(tmp_path: Path) -> None:
    panels = [{"quantity": 3, "length_m": 6}, {"quantity": 4, "length_m": 4}]
    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        set_global_queue(queue)
        by_its_span = await calculate_bom_async("ISODEC", None, "EPS", "techo", None, panel_groups=panels, span_m=4)
        thinnest = await calculate_bom_async(
            product_family="ISODEC", core_type="EPS", usage="techo", span_m=4, quantity_panels=7, length_m=6
        )

        assert (await queue.wait(by_its_span.id)).result["panel_count"] == 7
        assert (await queue.wait(thinnest.id)).result["lines"][0]["sku"] == "ISDEC100"


async def test_the_calls_use_what_the_settings_of_the_queue_say(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path, tasks={"calculate_bom": {"max_retries": 7, "priority": "critical"}})
    async with open_queue(settings) as queue:
        set_global_queue(queue)
        task = await calculate_bom_async(**ROOF, span_m=4, structure="metal")
        assert (task.max_retries, task.priority.name) == (7, "CRITICAL")
        assert task.params["order"]["requests"][0]["span_m"] == "4"


async def test_tasks_are_done_by_another_queue_object_as_well(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        set_global_queue(queue)
        task = await calculate_bom_async(**ROOF)

    async with TaskQueue(tmp_path / "tasks.db") as queue, TaskWorker(queue):
        assert (await queue.wait(task.id)).status is TaskStatus.COMPLETED


async def test_a_total_that_contradicts_its_unit_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        set_global_queue(queue)
        by_the_metre = {**DRIP_EDGE, "total_usd": 249.24}
        with pytest.raises(InvalidRequest, match=r"is 83\.08 \(4 unidad x 20\.77 = 83\.08\), not 249\.24") as refused:
            await generate_quotation_pdf({**QUOTATION, "items": [DRIP_EDGE, by_the_metre]})
        assert refused.value.field == "quotation_data.items.1.total_usd"
        assert (await queue.get_task_stats())["total"] == 0


async def test_what_cannot_be_made_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    async with TaskQueue(tmp_path / "tasks.db") as queue:
        set_global_queue(queue)
        with pytest.raises(InvalidRequest, match=r"quotation_data\.client_name: this field is required"):
            await generate_quotation_pdf({"items": [DRIP_EDGE]})
        with pytest.raises(InvalidRequest, match="did you mean 'products'"):
            await generate_quotation_pdf({"client_name": "Ana", "product": [DRIP_EDGE]})
        with pytest.raises(ThicknessNotAvailable) as thickness:
            await calculate_bom_async(**changed(thickness_mm=77))
        assert (thickness.value.field, thickness.value.nearest) == ("request.thickness_mm", 100)
        with pytest.raises(SystemNotSupported):
            await calculate_bom_async(**changed(usage="pared"))
        with pytest.raises(InvalidRequest, match="did you mean 'structure'"):
            await calculate_bom_async(**ROOF, structures="metal")
        with pytest.raises(InvalidRequest, match=r"request\.usage: this field is required"):
            await calculate_bom_async("ISODEC", 100, length_m=12, width_m=6)
        with pytest.raises(InvalidRequest, match=r"request\.length_m: this field is required, or give panel_groups"):
            await calculate_bom_async("ISODEC", 100, "EPS", "techo", width_m=6)
        with pytest.raises(ThicknessNotAvailable, match="say which thickness, or give span_m"):
            await calculate_bom_async("ISODEC", core_type="EPS", usage="techo", length_m=12, width_m=6)
        with pytest.raises(InvalidRequest, match=r"request\.length_m: Input should be greater"):
            await calculate_bom_async(**changed(length_m=-1))
        assert (await queue.get_task_stats())["total"] == 0
