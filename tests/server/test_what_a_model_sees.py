"""What a client shows to its model: few tools, described, typed, and a recipe that comes first."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client
from mcp_types import Tool

from tests.server.serving import ROOF, ask, in_this_process, text_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def client(shared_folder: Path, anyio_backend: str) -> AsyncIterator[Client]:
    """What is shown does not depend on the process around it."""
    async with in_this_process(shared_folder) as client:
        yield client


OPTIONS = {"priority", "wait_seconds", "idempotency_key", "max_retries", "timeout_seconds", "delay_seconds"}
ORDER = {
    "request", "requests", "accessories", "base_task_id", "changes", "part", "price_list", "discount_pct",
    "shipping_usd", "formats",
}  # fmt: skip
ARGUMENTS = {
    "submit_bom": ORDER | OPTIONS,
    "submit_pdf": {"quotation", "bom_task_id", "client", "quotation_id", "revision", "language"} | OPTIONS,
    "submit_quotation": ORDER | {"client", "language"} | OPTIONS,
    "submit_price_sync": {
        "mode",
        "source",
        "rows",
        "tax_included",
        "price_list",
        "date",
        "max_change_pct",
        "digest",
        "force",
    }
    | OPTIONS,
    "search_catalog": {"query", "family", "thickness_mm", "sku", "limit", "cursor"},
    "compare_panels": {"product_family", "core_type", "usage", "span_m", "thicknesses_mm"},
    "search_quotations": {"query", "quotation_id", "limit", "cursor"},
    "task_report": {"name"},
    "task_status": {"task_id", "wait_seconds", "include_attempts"},
    "task_answer": {"task_id", "answers"},
    "task_list": {"status", "name", "limit", "cursor"},
    "task_cancel": {"task_id"},
    "task_retry": {"task_id"},
    "task_stats": set[str](),
}
READ_ONLY = {
    "search_catalog",
    "compare_panels",
    "search_quotations",
    "task_report",
    "task_status",
    "task_list",
    "task_stats",
}
VIEW = {
    "task_id", "name", "status", "priority", "owner", "created_at", "started_at", "finished_at", "attempt", "failures",
    "max_retries", "cancel_requested", "progress", "queue_position", "poll_after_seconds", "result", "error",
    "questions", "artifacts",
}  # fmt: skip


async def _tools(client: Client) -> dict[str, Tool]:
    return {tool.name: tool for tool in (await client.list_tools()).tools}


async def test_the_tools_and_their_arguments_are_those_of_the_contract(client: Client) -> None:
    tools = await _tools(client)

    assert {name: set(tool.input_schema["properties"]) for name, tool in tools.items()} == ARGUMENTS
    for tool in tools.values():
        assert tool.input_schema["additionalProperties"] is False
        assert tool.title
        assert tool.title != tool.name
        assert tool.description
        assert tool.output_schema
        assert tool.output_schema["type"] == "object"
        described: Mapping[str, Any] = tool.input_schema["properties"]
        assert all("description" in _resolved(field, tool.input_schema) for field in described.values()), tool.name


async def test_what_is_listed_leaves_a_model_room_for_its_work(client: Client) -> None:
    tools = await _tools(client)
    listed = {name: _written(tool.model_dump(by_alias=True, exclude_none=True)) for name, tool in tools.items()}

    assert sum(listed.values()) < 69_000
    assert max(_written(tool.input_schema) for tool in tools.values()) < 9_200
    assert max(_written(tool.output_schema) for tool in tools.values()) < 7_900
    assert max(len(tool.description or "") for tool in tools.values()) < 600


async def test_no_schema_tells_what_is_for_maintainers_or_defines_what_it_uses_once(client: Client) -> None:
    for tool in (await _tools(client)).values():
        for schema in (tool.input_schema, tool.output_schema or {}):
            text = json.dumps(schema)
            definitions = schema.get("$defs", {})
            assert all(text.count(f'"#/$defs/{name}"') > 1 for name in definitions), tool.name
            assert "The comment says" not in text
            assert [part for part in (schema, *definitions.values()) if "title" in part] == []


def _written(part: object) -> int:
    """Characters of JSON without spaces."""
    return len(json.dumps(part, ensure_ascii=False, separators=(",", ":")))


ANA = {"name": "Ana"}
ITEM = {"quantity": 1, "sku": "6838"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("submit_bom", {"request": {**ROOF, "length_m": "5,5", "thickness_mm": "100", "eave": ["canalon"]}}),
        ("submit_bom", {"request": dict.fromkeys(("span_m", "structure", "eave", "panel_groups", "colour")) | ROOF}),
        ("submit_bom", {"request": None, "accessories": [{**ITEM, "kind": None, "core_type": None}]}),
        ("submit_bom", {"base_task_id": "Q-2026-0001", "changes": {"span_m": None}, "formats": ["csv"]}),
        ("submit_quotation", {"requests": [ROOF], "client": {**ANA, "phone": None}, "discount_pct": "2.5"}),
        ("submit_price_sync", {"rows": [{"sku": "6838", "price": "1,5"}], "tax_included": None, "date": None}),
        ("task_list", {"status": None, "limit": 5}),
    ],
)
async def test_what_the_server_takes_fits_the_published_schema(
    client: Client, tool: str, arguments: dict[str, Any]
) -> None:
    jsonschema.validate(arguments, (await _tools(client))[tool].input_schema)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("submit_bom", {"request": {**ROOF, "length_m": "5 m"}}),
        ("submit_bom", {"request": {**ROOF, "usage": None}}),
        ("submit_bom", {"request": {**ROOF, "structure": "acero"}}),
        ("submit_bom", {"request": {**ROOF, "thickness_mm": 100.5}}),
        ("submit_bom", {"accessories": [{**ITEM, "quantities": 1}]}),
        ("submit_quotation", {"requests": [], "client": ANA}),
        ("submit_quotation", {"request": ROOF, "client": {}}),
        ("submit_price_sync", {"digest": "abc"}),
    ],
)
async def test_what_the_server_refuses_does_not_fit_it(client: Client, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(arguments, (await _tools(client))[tool].input_schema)


def _resolved(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A field with what its reference, if it is one, says."""
    name = str(field.get("$ref", "")).rpartition("/")[2]
    return {**schema["$defs"][name], **field} if name else field


async def test_annotations_say_what_a_call_can_do(client: Client) -> None:
    said = {name: tool.annotations for name, tool in (await _tools(client)).items()}

    for name, hints in said.items():
        assert hints is not None
        assert hints.open_world_hint is False
        assert hints.read_only_hint is (name in READ_ONLY)
        assert hints.destructive_hint is (name == "task_cancel")
        assert hints.idempotent_hint is (hints.read_only_hint or hints.destructive_hint)


async def test_the_recipe_is_in_the_first_512_characters_of_the_instructions(client: Client) -> None:
    start = (client.instructions or "")[:512]

    places = [start.index(word) for word in ("submit_quotation", "task_status", "wait_seconds", "artifact://")]
    assert places[0] < places[1] < places[3]


async def test_answers_fit_the_published_schemas_and_have_the_fields_of_the_contract(client: Client) -> None:
    tools = await _tools(client)
    bom = await ask(client, "submit_bom", request=ROOF)
    answers = {
        "submit_bom": bom,
        "submit_quotation": await ask(client, "submit_quotation", request=ROOF, client={"name": "Ana"}),
        "submit_pdf": await ask(client, "submit_pdf", bom_task_id=bom["task_id"], client={"name": "Ana"}),
        "task_status": await ask(client, "task_status", task_id=bom["task_id"], include_attempts=True),
        "task_cancel": await ask(client, "task_cancel", task_id=await _delayed(client)),
        "task_list": await ask(client, "task_list"),
        "task_stats": await ask(client, "task_stats"),
        "search_catalog": await ask(client, "search_catalog", query="isodec"),
        "compare_panels": await ask(client, "compare_panels", span_m=8),
        "search_quotations": await ask(client, "search_quotations"),
        "task_report": await ask(client, "task_report", name="daily_stats_report"),
    }

    for name, answer in answers.items():
        jsonschema.validate(answer, tools[name].output_schema or {})
        if name.startswith("submit") or name == "task_cancel":
            assert set(answer) == VIEW
    assert set(answers["task_status"]) == VIEW | {"attempts"}
    assert set(answers["task_list"]["tasks"][0]) == VIEW - {"result"}


async def _delayed(client: Client) -> str:
    view = await ask(client, "submit_bom", request=ROOF, delay_seconds=3_600)
    return str(view["task_id"])


async def test_refusals_fit_the_published_schemas_too(client: Client) -> None:
    for name, tool in (await _tools(client)).items():
        refusal = (await client.call_tool(name, {"unheard_of": 1})).structured_content
        jsonschema.validate(refusal, tool.output_schema or {})
        assert refusal
        assert refusal["code"] == "invalid_request"


async def test_the_schema_of_a_submit_tool_types_its_result(client: Client) -> None:
    schema = (await _tools(client))["submit_bom"].output_schema
    view = await ask(client, "submit_bom", request=ROOF)
    view["result"]["totals"]["total"] = 3353.56

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(view, schema or {})


async def test_a_text_is_a_short_statement(client: Client) -> None:
    answer = await client.call_tool("submit_quotation", {"request": ROOF, "client": {"name": "Ana"}})

    view = answer.structured_content
    assert view is not None
    text = text_of(answer)
    assert view["task_id"] in text
    assert view["result"]["quotation_id"] in text
    assert "completada" in text
    assert len(text) < 1_200  # about 400 tokens of Spanish


async def test_words_are_understood_in_any_case(client: Client) -> None:
    request = ROOF | {"product_family": " isodec ", "usage": "TECHO", "roof_type": "2 Aguas"}
    view = await ask(client, "submit_bom", request=request, priority=" High ")

    assert view["priority"] == "high"
    assert view["result"]["system"] == "techo_isodec_eps"
