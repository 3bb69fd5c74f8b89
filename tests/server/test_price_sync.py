"""A seller changes prices through a model: sees the plan, applies it, quotes with it at once, and takes it back."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from mcp_tasks import TaskStatus
from mcp_tasks.app import open_queue
from mcp_tasks.quotation.knowledge import SHIPPED
from mcp_tasks.quotation.versions import KnowledgeVersions
from mcp_tasks.server.views import iso
from mcp_tasks.settings import Settings
from tests.quotation.changing import SKU, set_price
from tests.server.serving import ROOF, ask, connected, in_this_process, refused, text_of

pytestmark = pytest.mark.anyio

NEW: dict[str, Any] = {"rows": [{"sku": "isdec 100", "price": "45,50", "unit": "m2"}], "tax_included": False}
TWO_FAULTS: dict[str, Any] = {
    "rows": [{"sku": SKU, "price": 60}, {"sku": "ISDEC150", "price": 0}, {"sku": "6828", "price": 15.5}],
    "tax_included": False,
}


def write_prices(folder: Path) -> Path:
    """Put a file into the folder of price files; the folder."""
    prices = folder / "prices"
    prices.mkdir(parents=True)
    (prices / "agosto.csv").write_bytes("Código;Costo;Precio\nISDEC100;30,1234;45,50\n".encode("cp1252"))
    return prices


@pytest.fixture(scope="module")
async def unchanged(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Client]:
    """A client of a server in which nothing has been done."""
    folder = tmp_path_factory.mktemp("unchanged")
    write_prices(folder)
    async with in_this_process(folder) as client:
        yield client


async def plan(client: Client, **arguments: Any) -> dict[str, Any]:
    """The result of a plan."""
    view = await ask(client, "submit_price_sync", **arguments)
    assert view["status"] == "completed", view
    return view["result"]


async def apply(client: Client, digest: str, **arguments: Any) -> dict[str, Any]:
    """The result of applying a plan."""
    view = await ask(client, "submit_price_sync", mode="apply", digest=digest, **arguments)
    assert view["status"] == "completed", view
    return view["result"]


async def quoted(client: Client) -> str:
    """What the roof's panel costs in a quotation."""
    bom = (await ask(client, "submit_bom", request=ROOF))["result"]
    return next(line["unit_price"] for line in bom["lines"] if line["sku"] == SKU)


def versions_in(folder: Path) -> set[str]:
    """The numbers of the versions that were published."""
    return {path.name for path in (folder / "knowledge" / "versions").glob("*")}


async def test_a_plan_changes_nothing_an_apply_is_quoted_at_once_everywhere_and_a_rollback_takes_it_back(
    folder: Path,
) -> None:
    async with connected(folder) as client, connected(folder) as other:
        assert await quoted(client) == "41.15"
        result = await plan(client, **NEW)
        (change,) = result["report"]["changed"]["rows"]
        assert (change["sku"], change["old"], change["new"], change["change_pct"]) == (SKU, "41.15", "45.50", "10.6")
        assert (await quoted(client), await quoted(other), result["version"]) == ("41.15", "41.15", 0)

        done = await apply(client, result["digest"])
        assert (done["version"], done["already_applied"]) == (1, False)
        assert (await quoted(client), await quoted(other)) == ("45.50", "45.50")

        view = await ask(other, "submit_price_sync", mode="rollback")
        assert (view["result"]["version"], view["result"]["report"]) == (2, None)
        assert view["result"]["undone"] == "bmc-2026-08 from rows: 1 changed, 0 added"
        assert (await quoted(client), await quoted(other)) == ("41.15", "41.15")


async def test_applying_again_changes_nothing(folder: Path) -> None:
    async with in_this_process(folder) as client:
        digest = (await plan(client, **NEW))["digest"]
        await apply(client, digest)
        again = await apply(client, digest)

        assert (again["version"], again["already_applied"], again["report"]["changed"]["count"]) == (1, True, 0)
        assert versions_in(folder) == {"000001"}


async def test_who_changed_what_and_when_is_kept_with_the_version(folder: Path) -> None:
    async with in_this_process(folder) as client:
        view = await ask(client, "submit_price_sync", mode="apply", digest=(await plan(client, **NEW))["digest"])

    (made,) = KnowledgeVersions(folder / "knowledge").history()
    assert (made.by, made.what, made.base) == ("local", "bmc-2026-08 from rows: 1 changed, 0 added", 0)
    assert view["started_at"] <= iso(made.at) <= view["finished_at"]


async def test_the_last_change_of_prices_is_reported_when_its_task_is_gone(folder: Path) -> None:
    async with in_this_process(folder) as client, open_queue(Settings(data_dir=folder)) as queue:
        applied = await apply(client, (await plan(client, **NEW))["digest"])
        await queue.clear_completed(0)
        report = await ask(client, "task_report", name="sync_prices")
        assert report["result"] == applied
        undone = (await ask(client, "submit_price_sync", mode="rollback"))["result"]
        assert (await ask(client, "task_report", name="sync_prices"))["result"] == undone


async def test_a_file_is_read_from_the_folder_and_what_it_cost_is_nowhere(folder: Path) -> None:
    prices = write_prices(folder)
    async with in_this_process(folder) as client:
        result = await plan(client, source="agosto.csv", tax_included=False)
        await apply(client, result["digest"])

        assert await quoted(client) == "45.50"
        assert "30.1" not in json.dumps(result)
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and prices not in path.parents]
    assert not any(b"30,1234" in content or b"30.1234" in content for content in kept)


async def test_august_over_february_is_the_example_of_the_specification_and_february_is_quoted_with_it(
    folder: Path,
) -> None:
    source = write_prices(folder) / "bmc.json"
    shutil.copy(SHIPPED / "price-lists" / "bmc-2026-08.json", source)
    request = ROOF | {"price_list": "bmc-2026-02"}
    async with in_this_process(folder) as client:
        result = await plan(client, source=source.name, price_list="BMC-2026-02")
        report = result["report"]
        assert (report["comparable"], report["median_change_pct"], report["above_20_pct"]) == (104, "6.1", 8)
        await apply(client, result["digest"])

        bom = (await ask(client, "submit_bom", request=request))["result"]
        assert (bom["price_list"]["date"], bom["totals"]["prices_include_tax"]) == ("2026-08-15", True)
        assert next(line["unit_price"] for line in bom["lines"] if line["sku"] == SKU) == "50.203"
        assert (await ask(client, "submit_bom", request=ROOF))["result"]["price_list"]["id"] == "bmc-2026-08"


async def test_earlier_calculations_keep_their_prices(folder: Path) -> None:
    async with in_this_process(folder) as client:
        before = await ask(client, "submit_bom", request=ROOF)
        await apply(client, (await plan(client, **NEW))["digest"])

        assert (await ask(client, "task_status", task_id=before["task_id"]))["result"] == before["result"]


async def test_a_quotation_that_is_printed_at_the_second_go_is_the_one_that_its_number_stands_for(
    folder: Path, tmp_path: Path
) -> None:
    template = tmp_path / "quote.typ"
    template.write_text("#let x = (")
    ordered = {"request": ROOF, "client": {"name": "Ana"}}
    async with (
        in_this_process(folder, template_file=tmp_path) as client,
        open_queue(Settings(data_dir=folder)) as queue,
    ):
        failed = (await client.call_tool("submit_quotation", ordered)).structured_content
        assert failed is not None
        (kept,) = await queue.records("quotation")
        await apply(client, (await plan(client, **NEW))["digest"])
        template.write_bytes((SHIPPED.parent / "quote.typ").read_bytes())

        await ask(client, "task_retry", task_id=failed["task_id"])
        view = await ask(client, "task_status", task_id=failed["task_id"], wait_seconds=30)
        assert (view["status"], view["result"]["quotation_id"]) == ("completed", kept.key)
        assert view["result"]["bom"]["totals"]["total"] == kept.content["bom"]["totals"]["total"]
        assert await queue.records("quotation") == [kept]
        assert await quoted(client) == "45.50"


async def test_rejected_rows_are_not_applied_without_force(folder: Path) -> None:
    async with in_this_process(folder) as client:
        result = await plan(client, **TWO_FAULTS)
        assert [(row["sku"], row["reason"]) for row in result["report"]["rejected"]["rows"]] == [
            (SKU, "change_too_large"),
            ("ISDEC150", "out_of_range"),
        ]
        error = await refused(client, "submit_price_sync", mode="apply", digest=result["digest"])
        assert (error["code"], error["field"], error["rejected"]) == ("invalid_request", "force", 2)
        assert "higher max_change_pct" in error["message"]
        assert versions_in(folder) == set()

        done = await apply(client, result["digest"], force=True)
        assert [row["sku"] for row in done["report"]["rejected"]["rows"]] == ["ISDEC150"]
        assert await quoted(client) == "60.00"


async def test_a_plan_of_prices_that_have_changed_since_is_refused(folder: Path) -> None:
    async with in_this_process(folder) as client:
        digest = (await plan(client, **NEW))["digest"]
        KnowledgeVersions(folder / "knowledge").publish(set_price("50"), base=0, by="eva", what="", at=0)

        error = await refused(client, "submit_price_sync", mode="apply", digest=digest)
        assert (error["field"], "plan again" in error["message"]) == ("digest", True)
        assert await quoted(client) == "50"


async def test_when_all_is_undone_there_is_nothing_to_roll_back(folder: Path) -> None:
    async with in_this_process(folder) as client:
        await apply(client, (await plan(client, **NEW))["digest"])
        await ask(client, "submit_price_sync", mode="rollback")
        stored = (await ask(client, "task_stats"))["counts"]["total"]

        error = await refused(client, "submit_price_sync", mode="rollback")
        assert (error["code"], error["field"]) == ("invalid_request", "mode")
        assert (await ask(client, "task_stats"))["counts"]["total"] == stored


async def test_a_plan_that_was_rolled_back_has_to_be_made_again(folder: Path) -> None:
    async with in_this_process(folder) as client:
        digest = (await plan(client, **NEW))["digest"]
        await apply(client, digest)
        await ask(client, "submit_price_sync", mode="rollback")

        assert (await refused(client, "submit_price_sync", mode="apply", digest=digest))["field"] == "digest"
        assert (await plan(client, **NEW))["digest"] != digest


ROWS = NEW["rows"]
DIGEST = "0" * 64


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({}, {"field": "source"}),
        ({"source": "agosto.csv", "rows": ROWS, "tax_included": False}, {"field": "source"}),
        ({"rows": ROWS}, {"field": "tax_included", "allowed": [True, False]}),
        ({"rows": [], "tax_included": False}, {"field": "rows"}),
        ({"rows": [{"sku": SKU, "price": "1.234,56"}], "tax_included": False}, {"field": "rows.0.price"}),
        ({"rows": [{"sku": SKU, "price": "41 USD"}], "tax_included": False}, {"nearest": "41"}),
        ({"rows": [{"sku": SKU, "price": 1, "cost": 2}], "tax_included": False}, {"field": "rows.0.cost"}),
        ({"source": "augusto.csv", "tax_included": True}, {"field": "source", "nearest": "agosto.csv"}),
        ({"source": "../tasks.db", "tax_included": True}, {"field": "source", "allowed": ["agosto.csv"]}),
        ({"source": "agosto.csv"}, {"field": "tax_included"}),
        ({"rows": ROWS, "tax_included": False, "price_list": "bmc-2026-8"}, {"nearest": "bmc-2026-08"}),
        ({"rows": ROWS, "tax_included": False, "max_change_pct": 101}, {"field": "max_change_pct"}),
        ({"rows": ROWS, "tax_included": False, "force": True}, {"field": "force"}),
        ({"rows": ROWS, "tax_included": False, "digest": DIGEST}, {"field": "digest"}),
        ({"rows": ROWS, "tax_included": False, "date": "15/8/2026"}, {"field": "date"}),
        ({"mode": "apply"}, {"field": "digest"}),
        ({"mode": "apply", "digest": "abc"}, {"field": "digest"}),
        ({"mode": "apply", "digest": DIGEST}, {"field": "digest", "received": DIGEST}),
        ({"mode": "apply", "digest": DIGEST, "source": "agosto.csv"}, {"field": "source"}),
        ({"mode": "rollback"}, {"field": "mode"}),
        ({"mode": "rollback", "force": True}, {"field": "force"}),
        ({"mode": "apply it"}, {"field": "mode", "nearest": "apply"}),
        ({"tax": True}, {"field": "tax"}),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_refused_and_nothing_stored(
    unchanged: Client, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    error = await refused(unchanged, "submit_price_sync", **arguments)

    assert error | facts | {"code": "invalid_request"} == error
    assert (await ask(unchanged, "task_list"))["tasks"] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", ["cambian 1", "No se cambió nada", "mode apply"]), ("en", ["1 change", "Nothing was changed"])],
)
async def test_the_text_says_what_would_change_and_how_to_apply_it(
    folder: Path, language: str, said: list[str]
) -> None:
    async with in_this_process(folder, language=language) as client:
        answer = await client.call_tool("submit_price_sync", NEW)

        text = text_of(answer)
        assert [word for word in said if word not in text] == []
        assert (answer.structured_content or {})["result"]["digest"] in text


async def test_the_text_names_the_reasons_of_five_rejected_rows_and_what_was_undone(folder: Path) -> None:
    skus = (SKU, "ISDEC150", "ISDEC200", "ISDEC250", "6828", "6865")
    rows = [{"sku": sku, "price": price} for sku, price in zip(skus, [60, 0, 1, 1, 1, 1], strict=True)]
    async with in_this_process(folder) as client:
        said = text_of(await client.call_tool("submit_price_sync", {"rows": rows, "tax_included": False}))
        await apply(client, (await plan(client, **NEW))["digest"])
        undone = text_of(await client.call_tool("submit_price_sync", {"mode": "rollback"}))

    assert "Rechazadas: 6. ISDEC100 (fila 1): cambia 45,8 %; ISDEC150 (fila 2): el precio está fuera de rango; " in said
    assert "; y 1 más." in said
    assert "force: true al aplicar, o con un max_change_pct mayor" in said
    assert "planificar de nuevo con date (AAAA-MM-DD)" in said
    assert "Se deshizo el último cambio (bmc-2026-08 from rows: 1 changed, 0 added)" in undone


@pytest.mark.parametrize("language", ["es", "en"])
async def test_the_text_names_what_was_rejected_unknown_or_doubtful(folder: Path, language: str) -> None:
    rows = [*TWO_FAULTS["rows"], {"sku": "NOPE", "price": 1}]
    order = {"rows": rows, "tax_included": False, "date": "2020-01-01"}
    async with in_this_process(folder, language=language) as client:
        text = text_of(await client.call_tool("submit_price_sync", order))
        undo = text_of(await client.call_tool("submit_price_sync", {"mode": "rollback"}))

    assert [word for word in (SKU, "ISDEC150", "NOPE") if word not in text] == []
    assert ("fecha" if language == "es" else "date") in text
    assert undo.startswith("mode: ")


async def test_an_order_that_no_tool_looked_at_fails_at_once_with_the_reason(folder: Path) -> None:
    order: Any = {"mode": "apply", "digest": DIGEST}
    async with in_this_process(folder), open_queue(Settings.read(data_dir=folder)) as queue:
        with anyio.fail_after(20):
            task = await queue.wait((await queue.enqueue("sync_prices", order)).id)

    assert (task.status, task.failures) == (TaskStatus.FAILED, 1)
    assert task.error is not None
    assert "there is no such plan" in task.error.message
