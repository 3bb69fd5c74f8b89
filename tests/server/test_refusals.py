"""What cannot be done is refused with what repairs the call; nothing is stored, and the server goes on."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from tests.server.serving import ROOF, ask, in_this_process, refused

pytestmark = pytest.mark.anyio

LONG = "x" * 10_000
LINE = {"section": "paneles", "name": "Panel", "unit": "m2", "quantity": 3, "unit_price": "10.00"}
QUOTATION: dict[str, Any] = {"client": {"name": "Ana"}, "lines": [LINE], "prices_include_tax": True}

# tool, arguments, and facts that the error must state.
REFUSED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "no request": ("submit_bom", {}, {"code": "invalid_request", "field": "request"}),
    "an unknown argument": (
        "submit_bom",
        {"request": ROOF, "wait_second": 5},
        {"code": "invalid_request", "field": "wait_second", "nearest": "wait_seconds"},
    ),
    "an unknown field inside": (
        "submit_bom",
        {"request": ROOF | {"lenght_m": 5}},
        {"code": "invalid_request", "field": "request.lenght_m", "nearest": "length_m"},
    ),
    "an unknown argument of a tool that has none": (
        "task_stats",
        {"owner": "all"},
        {"code": "invalid_request", "field": "owner"},
    ),
    "a family that nobody makes": (
        "submit_bom",
        {"request": ROOF | {"product_family": "ISODEK"}},
        {"code": "invalid_request", "field": "request.product_family", "nearest": "ISODEC", "received": "ISODEK"},
    ),
    "a family for the wrong use": (
        "submit_bom",
        {"request": ROOF | {"usage": "camara", "height_m": 3}},
        {"code": "system_not_supported"},
    ),
    "a thickness that is not made": (
        "submit_bom",
        {"request": ROOF | {"thickness_mm": 101}},
        {
            "code": "thickness_not_available",
            "field": "request.thickness_mm",
            "received": 101,
            "nearest": 100,
            "available_mm": [100, 150, 200, 250],
        },
    ),
    "a price list that does not exist": (
        "submit_bom",
        {"request": ROOF | {"price_list": "bmc-2026-03"}},
        {"code": "unknown_price_list", "field": "request.price_list", "allowed": ["bmc-2026-08", "bmc-2026-02"]},
    ),
    "a length below zero": (
        "submit_bom",
        {"request": ROOF | {"length_m": -5}},
        {"code": "invalid_request", "field": "request.length_m", "received": -5},
    ),
    "a length of ten kilometres": (
        "submit_bom",
        {"request": ROOF | {"length_m": "10000"}},
        {"code": "invalid_request", "field": "request.length_m", "received": "10000"},
    ),
    "a thousand metres between supports": (
        "submit_bom",
        {"request": ROOF | {"span_m": 1000}},
        {"field": "request.span_m", "message": "request.span_m: Input should be less than or equal to 100"},
    ),
    "an exponent": (
        "submit_bom",
        {"request": ROOF | {"length_m": "1e1"}},
        {"code": "invalid_request", "field": "request.length_m", "received": "1e1"},
    ),
    "a word for a number": (
        "submit_bom",
        {"request": ROOF | {"width_m": "once"}},
        {"code": "invalid_request", "field": "request.width_m", "received": "once"},
    ),
    "a list for the request": ("submit_bom", {"request": [ROOF]}, {"code": "invalid_request", "field": "request"}),
    "a name of ten thousand characters": (
        "submit_quotation",
        {"request": ROOF, "client": {"name": LONG}},
        {"code": "invalid_request", "field": "client.name", "received": LONG[:199] + "…"},
    ),
    "a field of ten thousand characters": (
        "submit_quotation",
        {"request": ROOF, "client": {"name": "Ana"}, LONG: 1},
        {"code": "invalid_request", "field": LONG[:199] + "…"},
    ),
    "a quotation without a client": ("submit_quotation", {"request": ROOF}, {"field": "client"}),
    "neither a quotation nor a task": ("submit_pdf", {}, {"code": "invalid_request", "field": "quotation"}),
    "a quotation and a task": (
        "submit_pdf",
        {"quotation": QUOTATION, "bom_task_id": "0", "client": {"name": "Ana"}},
        {"code": "invalid_request", "field": "quotation"},
    ),
    "a task without a client": (
        "submit_pdf",
        {"bom_task_id": "0"},
        {"code": "invalid_request", "field": "client"},
    ),
    "a calculation that does not exist": (
        "submit_pdf",
        {"bom_task_id": "0", "client": {"name": "Ana"}},
        {"code": "task_not_found", "field": "bom_task_id", "received": "0"},
    ),
    "a total that is not the product": (
        "submit_pdf",
        {"quotation": QUOTATION | {"lines": [LINE | {"total": "30.01"}]}},
        {"code": "invalid_request", "field": "quotation.lines.0.total"},
    ),
    "an unknown field of a line": (
        "submit_pdf",
        {"quotation": QUOTATION | {"lines": [LINE | {"price": 10}]}},
        {"code": "invalid_request", "field": "quotation.lines.0.price", "nearest": "unit_price"},
    ),
    "an unknown priority": (
        "submit_bom",
        {"request": ROOF, "priority": "urgent"},
        {"code": "invalid_request", "field": "priority", "allowed": ["low", "normal", "high", "critical"]},
    ),
    "more waiting than allowed": (
        "submit_bom",
        {"request": ROOF, "wait_seconds": 31},
        {"code": "invalid_request", "field": "wait_seconds", "received": 31},
    ),
    "an empty key": (
        "submit_bom",
        {"request": ROOF, "idempotency_key": ""},
        {"code": "invalid_request", "field": "idempotency_key"},
    ),
    "a timeout of nothing": (
        "submit_bom",
        {"request": ROOF, "timeout_seconds": 0},
        {"code": "invalid_request", "field": "timeout_seconds"},
    ),
    "a delay into the past": (
        "submit_bom",
        {"request": ROOF, "delay_seconds": -1},
        {"code": "invalid_request", "field": "delay_seconds"},
    ),
    "retries below zero": (
        "submit_bom",
        {"request": ROOF, "max_retries": -1},
        {"code": "invalid_request", "field": "max_retries"},
    ),
    "the status of an unknown task": (
        "task_status",
        {"task_id": "0"},
        {"code": "task_not_found", "field": "task_id", "received": "0"},
    ),
    "the cancel of an unknown task": ("task_cancel", {"task_id": "0"}, {"code": "task_not_found"}),
    "the retry of an unknown task": ("task_retry", {"task_id": "0"}, {"code": "task_not_found"}),
    "a list by an unknown status": (
        "task_list",
        {"status": "complete"},
        {"code": "invalid_request", "field": "status", "nearest": "completed"},
    ),
    "a list of too many": ("task_list", {"limit": 101}, {"code": "invalid_request", "field": "limit"}),
    "a cursor of one's own": ("task_list", {"cursor": "'; --"}, {"code": "invalid_request", "field": "cursor"}),
}


@pytest.mark.parametrize(("tool", "arguments", "facts"), REFUSED.values(), ids=REFUSED.keys())
async def test_it_is_refused_with_the_facts_and_nothing_is_stored(
    client: Client, tool: str, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    error = await refused(client, tool, **arguments)

    assert error | facts == error
    assert len(str(error)) < 2_000
    assert (await ask(client, "task_list"))["tasks"] == []


async def test_markup_and_control_characters_in_a_name_do_no_harm(folder: Path) -> None:
    async with in_this_process(folder) as client:
        name = '#panic("x") $ \\ *Ana* <b>&amp;</b> {name} \x00\x1b[31m\u202e'
        view = await ask(client, "submit_quotation", request=ROOF, client={"name": name}, max_retries=0)

    assert view["status"] == "completed"


async def test_an_unknown_tool_is_answered_by_name(client: Client) -> None:
    answer = await client.call_tool("submit_bim", {})

    assert answer.is_error


async def test_a_full_queue_says_so(folder: Path) -> None:
    async with in_this_process(folder, max_unfinished=1) as client:
        await ask(client, "submit_bom", request=ROOF, delay_seconds=600, wait_seconds=0)
        error = await refused(client, "submit_bom", request=ROOF)

    assert error["code"] == "queue_full"


async def test_a_data_folder_that_cannot_be_written_is_named_until_it_can_be(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder", encoding="utf-8")
    async with in_this_process(in_the_way / "data") as client:
        error = await refused(client, "submit_bom", request=ROOF)
        assert error["code"] == "storage_unavailable"
        assert str(in_the_way) in error["message"]
        assert (await refused(client, "task_list"))["code"] == "storage_unavailable"

        in_the_way.unlink()
        with anyio.fail_after(20):
            view = await ask(client, "submit_bom", request=ROOF, wait_seconds=15)
        assert view["status"] == "completed"


async def test_a_file_that_is_not_a_database_is_refused_and_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "tasks.db").write_text("precious notes " * 100, encoding="utf-8")
    async with in_this_process(folder) as client:
        for tool, arguments in (("submit_bom", {"request": ROOF}), ("task_stats", {})):
            error = await refused(client, tool, **arguments)
            assert error["code"] == "storage_unavailable"
            assert "not a SQLite database" in error["message"]

    assert (folder / "tasks.db").read_text(encoding="utf-8") == "precious notes " * 100
