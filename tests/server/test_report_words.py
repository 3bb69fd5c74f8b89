"""What a model reads of the last reports: words, local time, and what was quoted with tax."""

from pathlib import Path
from typing import Any

import pytest
import time_machine

from mcp_tasks.app import open_queue
from mcp_tasks.settings import Settings
from tests.server.serving import ROOF, ask, in_this_process, opened, text_of
from tests.server.test_reports import run

pytestmark = pytest.mark.anyio

WALL: dict[str, Any] = {
    "product_family": "ISOPANEL",
    "thickness_mm": 100,
    "usage": "pared",
    "length_m": "2.5",
    "width_m": 30,
}


async def test_the_day_is_told_with_its_amount_its_families_and_its_failures(folder: Path) -> None:
    with time_machine.travel("2026-11-24T15:00:00Z", tick=True) as day:
        async with in_this_process(folder) as client, open_queue(Settings.read(data_dir=folder)) as queue:
            made = [await ask(client, "submit_quotation", request=one, client={"name": "Ana"}) for one in (ROOF, WALL)]
            await queue.enqueue("sync_prices", {"mode": "apply", "digest": "0" * 64})
            await queue.wait((await queue.list_tasks(name="sync_prices")).tasks[0].id)
            day.shift(86_400)
            await run(queue, "daily_stats_report")
            answer = await client.call_tool("task_report", {"name": "daily_stats_report"})

    total = sum(float(view["result"]["bom"]["totals"]["total"]) for view in made)
    money = f"{total:,.2f}".translate(str.maketrans(",.", ".,"))
    said = text_of(answer)
    assert said.startswith("Informe diario, del 25/11/2026 12:0")
    assert f"Día 24/11/2026. Cotizaciones: 2; 132,95 m², US$ {money} IVA incluido." in said
    assert "Por familia: Fachada ISOPANEL EPS: 1, 76,95 m², US$ " in said
    assert "; Techo ISODEC EPS: 1, 56,00 m², US$ 3.353,56 IVA incluido." in said
    assert "con error: 1 (sync_prices 1)." in said
    assert said.endswith("Próxima vez: 26/11/2026 00:00.")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ["Control del catálogo y los precios, del ", "Errores: 0. Advertencias: "]),
        ("en", ["Check of the catalog and prices, of ", "Errors: 0. Warnings: "]),
    ],
)
async def test_the_check_of_the_knowledge_is_told_in_words(folder: Path, language: str, said: list[str]) -> None:
    async with in_this_process(folder, language=language) as client, opened(folder) as queue:
        await run(queue, "validate_kb")
        text = text_of(await client.call_tool("task_report", {"name": "validate_kb"}))

    assert [word for word in said if word not in text] == []
    assert "status" not in text


async def test_the_last_change_of_prices_is_told_like_its_own_answer(folder: Path) -> None:
    rows = {"rows": [{"sku": "ISDEC100", "price": 45}], "tax_included": False}
    async with in_this_process(folder) as client:
        planned = await ask(client, "submit_price_sync", **rows)
        digest = planned["result"]["digest"]
        await ask(client, "submit_price_sync", mode="apply", digest=digest)
        text = text_of(await client.call_tool("task_report", {"name": "sync_prices"}))

    assert text.startswith("Actualización de precios, del ")
    assert "Lista bmc-2026-08, con fecha 15/08/2026: cambian 1" in text
    assert "Aplicado: desde ahora se cotiza con la versión 1." in text
    assert text.endswith("No está programada.")
