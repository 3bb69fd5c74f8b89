"""A client gets quotations: to the cent, as files, mostly in one call."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_types import BlobResourceContents, ResourceLink

from tests.server.serving import ROOF, ask, in_this_process, refused, text_of

_FILE = Path(__file__).parents[1] / "quotation" / "golden_quotes.json"
_QUOTES: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["quotes"]
ANA = {"name": "Ana Pérez", "address": "Calle del Ejemplo 123"}

pytestmark = pytest.mark.anyio


async def _read(client: Client, uri: str) -> BlobResourceContents:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, BlobResourceContents)
    return content


@pytest.mark.parametrize("quote", _QUOTES, ids=[quote["id"] for quote in _QUOTES])
async def test_submit_bom_answers_the_worked_quotations_to_the_cent(client: Client, quote: dict[str, Any]) -> None:
    view = await ask(client, "submit_bom", request=quote["input"] | {"price_list": "bmc-2026-02"})

    assert (view["status"], view["name"]) == ("completed", "calculate_bom")
    bom = view["result"]
    expected = quote["totals"]
    assert {name: bom["totals"][name] for name in ("materials", "discount", "shipping", "net", "vat", "total")} == {
        "total": expected["total_tax_included"],
        **{name: expected[name] for name in ("materials", "discount", "shipping", "net", "vat")},
    }
    for line, worked in zip(bom["lines"], quote["result"]["lines"], strict=True):
        assert (line["sku"], line["quantity"], line["total"]) == (
            worked["sku"], str(worked["quantity"]), worked["total"],
        )  # fmt: skip
    found = [warning["code"] for warning in bom["warnings"]]
    assert [code for code in found if code != "prices_estimated"] == quote["result"]["warnings"]  # about the list


async def test_submit_quotation_is_one_call_to_a_pdf_and_a_preview(client: Client) -> None:
    answer = await client.call_tool("submit_quotation", {"request": ROOF, "client": ANA})

    view = answer.structured_content
    assert view is not None
    assert view["status"] == "completed"
    assert view["result"].keys() == {"quotation_id", "revision", "bom", "pages", "archival"}
    assert view["result"]["quotation_id"].startswith("Q-20")
    assert view["result"]["archival"] is True
    assert view["result"]["bom"]["totals"]["total"] == "3353.56"
    assert "total US$ 3.353,56." in text_of(answer)
    links = [part for part in answer.content if isinstance(part, ResourceLink)]
    assert {(link.name, link.mime_type) for link in links} == {
        ("quotation.pdf", "application/pdf"),
        ("preview.png", "image/png"),
    }
    for artifact, link in zip(view["artifacts"], links, strict=True):
        assert (artifact["uri"], artifact["bytes"]) == (link.uri, link.size)
        content = await _read(client, artifact["uri"])
        assert content.mime_type == artifact["media_type"]
        assert len(b64decode(content.blob)) == artifact["bytes"]


async def test_the_pdf_and_the_picture_are_what_they_say(client: Client) -> None:
    view = await ask(client, "submit_quotation", request=ROOF, client=ANA)

    address = f"artifact://{view['task_id']}"
    assert b64decode((await _read(client, f"{address}/quotation.pdf")).blob).startswith(b"%PDF")
    assert b64decode((await _read(client, f"{address}/preview.png")).blob).startswith(b"\x89PNG")


async def test_submit_pdf_sells_what_a_calculation_counted(client: Client) -> None:
    bom = await ask(client, "submit_bom", request=ROOF)
    view = await ask(client, "submit_pdf", bom_task_id=bom["task_id"], client=ANA)

    assert view["status"] == "completed"
    assert view["result"].keys() == {"quotation_id", "revision", "pages", "archival"}
    assert [a["name"] for a in view["artifacts"]] == ["preview.png", "quotation.pdf"]


async def test_submit_pdf_prints_given_lines_under_a_given_number(client: Client) -> None:
    line = {"section": "Paneles", "name": "ISOPANEL 100 mm", "unit": "m2", "quantity": "10,5", "unit_price": 40}
    quotation = {"quotation_id": "OBRA-7", "client": ANA, "lines": [line], "prices_include_tax": True}
    view = await ask(client, "submit_pdf", quotation=quotation)

    assert view["result"]["quotation_id"] == "OBRA-7"


async def test_every_quotation_has_a_number_of_its_own_and_a_repeated_key_repeats_it(client: Client) -> None:
    call = {"request": ROOF, "client": ANA}
    first = await ask(client, "submit_quotation", **call, idempotency_key="one")
    again = await ask(client, "submit_quotation", **call, idempotency_key="one")
    other = await ask(client, "submit_quotation", **call)

    assert first == again
    assert first["result"]["quotation_id"] != other["result"]["quotation_id"]


async def test_a_key_with_other_arguments_is_a_conflict(client: Client) -> None:
    await ask(client, "submit_bom", request=ROOF, idempotency_key="two")
    error = await refused(client, "submit_bom", request=ROOF | {"width_m": 12}, idempotency_key="two")

    assert (error["code"], error["field"]) == ("idempotency_conflict", "idempotency_key")


@pytest.mark.parametrize(
    "name", ["other.pdf", "..", "../tasks.db", "..%2Ftasks.db", "%2E%2E/%2E%2E/tasks.db", "quotation.pdf%00", ""]
)
async def test_a_file_that_is_not_of_the_task_is_refused(client: Client, name: str) -> None:
    view = await ask(client, "submit_quotation", request=ROOF, client=ANA, idempotency_key="files")

    with pytest.raises(MCPError, match=r"artifact|Unknown resource"):
        await client.read_resource(f"artifact://{view['task_id']}/{name}")


async def test_a_file_of_a_task_that_does_not_exist_is_refused(client: Client) -> None:
    with pytest.raises(MCPError, match="there is no task"):
        await client.read_resource("artifact://0/quotation.pdf")


async def test_in_english_titles_and_texts_are_english(folder: Path) -> None:
    async with in_this_process(folder, language="en") as client:
        titles = {tool.name: tool.title for tool in (await client.list_tools()).tools}
        answer = await client.call_tool("submit_bom", {"request": ROOF})

    assert titles["task_cancel"] == "Cancel a task"
    assert "panels" in text_of(answer)
    assert "completed" in text_of(answer)


async def test_a_broken_company_file_fails_the_task_with_its_reason(folder: Path, tmp_path: Path) -> None:
    company = tmp_path / "company.json"
    company.write_text('{"name": "Empresa", "valid": 10}', encoding="utf-8")
    async with in_this_process(folder, company_file=company) as client:
        answer = await client.call_tool("submit_quotation", {"request": ROOF, "client": ANA})

    assert answer.is_error
    assert answer.structured_content is not None
    assert (answer.structured_content["status"], answer.structured_content["result"]) == ("failed", None)
    assert answer.structured_content["error"]["type"] == "KnowledgeError"
    assert answer.structured_content["error"]["retryable"] is False
    assert "company.json" in text_of(answer)


async def test_a_fault_in_a_template_fails_the_task_with_its_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "quote.typ").write_text("= Hola\n#let x = (")
    async with in_this_process(folder, template_file=tmp_path) as client:
        answer = await client.call_tool("submit_quotation", {"request": ROOF, "client": ANA})

    assert answer.structured_content is not None
    assert answer.structured_content["error"]["message"] == (
        "the template cannot be compiled: quote.typ, line 2: unclosed delimiter"
    )


async def test_a_logo_that_is_not_there_is_told_once_in_the_log_and_costs_no_quotation(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    company = tmp_path / "company.json"
    company.write_text('{"name": "Empresa", "logo": "marca.png"}', encoding="utf-8")
    async with in_this_process(folder, company_file=company) as client:
        for _ in range(2):
            view = await ask(client, "submit_quotation", request=ROOF, client=ANA)
            assert view["result"]["archival"] is True

    (said,) = [record.getMessage() for record in caplog.records if "logo" in record.getMessage()]
    assert str(tmp_path / "marca.png") in said
    assert "No such file" in said


async def test_characters_that_no_font_has_are_named_in_the_log(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with in_this_process(folder) as client:
        view = await ask(client, "submit_quotation", request=ROOF, client={"name": "Ana \u6f22\u5b57"})

    assert view["result"]["archival"] is False
    assert f"quotation {view['result']['quotation_id']}: no font has \u6f22\u5b57 (U+6F22 U+5B57)" in caplog.text
