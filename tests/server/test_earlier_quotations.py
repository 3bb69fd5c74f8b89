"""Earlier quotations: found again, printed again as they were sent, and revised under prices that changed."""

import json
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import anyio
import pytest
from mcp import Client
from mcp_types import BlobResourceContents

from mcp_tasks import TaskStatus
from mcp_tasks.app import open_queue
from mcp_tasks.quotation.versions import KnowledgeVersions
from mcp_tasks.settings import Settings
from mcp_tasks.task import Completed
from tests.claiming import Hand
from tests.quotation.changing import set_price
from tests.quotation.quotations import pages
from tests.server.serving import ROOF, ask, in_this_process, opened, refused, text_of

pytestmark = pytest.mark.anyio

COUNTED: dict[str, Any] = {**ROOF, "width_m": None, "quantity_panels": 7, "structure": "metal", "span_m": 4}
WALL: dict[str, Any] = {
    "product_family": "ISOPANEL",
    "thickness_mm": 100,
    "usage": "pared",
    "length_m": 3,
    "width_m": 10,
    "structure": "metal",
}
GOTEROS: dict[str, Any] = {"quantity": 12, "sku": "6838"}
ANA = {"name": "Ana Pérez", "phone": "000 000", "email": "ana@example.com"}
LINE: dict[str, Any] = {
    "section": "paneles",
    "name": "Panel a medida",
    "unit": "m2",
    "quantity": 2,
    "unit_price": "10.50",
}


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    """On a folder of the test's own: prices change, and the first quotation has the first number."""
    async with in_this_process(folder) as client:
        yield client


async def _file(client: Client, view: Mapping[str, Any], name: str) -> bytes:
    (content,) = (await client.read_resource(f"artifact://{view['task_id']}/{name}")).contents
    assert isinstance(content, BlobResourceContents)
    return b64decode(content.blob)


async def _printed(client: Client, view: Mapping[str, Any]) -> str:
    return " ".join(" ".join(pages(await _file(client, view, "quotation.pdf"))).split())


async def _sheets(client: Client, view: Mapping[str, Any]) -> str:
    with ZipFile(BytesIO(await _file(client, view, "bom.xlsx"))) as book:
        return " ".join(book.read(name).decode() for name in book.namelist())


async def _stored(client: Client) -> int:
    return (await ask(client, "task_stats"))["counts"]["total"]


def _raise_prices(folder: Path) -> None:
    versions = KnowledgeVersions(folder / "knowledge")
    versions.publish(set_price("50.25"), base=versions.current().number, by="ana", what="new price", at=0)


async def _forget_tasks(folder: Path) -> None:
    async with open_queue(Settings.read(data_dir=folder)) as queue:
        await queue.cleanup({TaskStatus.COMPLETED: 0})


async def _nothing() -> None:
    """A task whose record the test writes itself."""


async def _of_somebody_else(folder: Path) -> str:
    async with open_queue(Settings.read(data_dir=folder)) as queue:
        params = {"order": {"requests": [ROOF]}, "client": {"name": "Carla"}}
        theirs = await queue.enqueue("make_quotation", params=params, owner="somebody else")
        with anyio.fail_after(20):
            return (await queue.wait(theirs.id)).result["quotation_id"]


# --- revisions ----------------------------------------------------------------------------------------------------


async def test_an_answer_names_the_revision_from_the_second_on(client: Client) -> None:
    first = await client.call_tool("submit_quotation", {"request": COUNTED, "client": ANA})
    assert first.structured_content is not None
    number = first.structured_content["result"]["quotation_id"]
    second = await client.call_tool("submit_quotation", {"base_task_id": number})
    given = {"quotation_id": number, "client": ANA, "lines": [LINE], "prices_include_tax": True}
    third = await client.call_tool("submit_pdf", {"quotation": given})

    for revision, answer in enumerate((first, second, third), start=1):
        assert answer.structured_content is not None
        assert answer.structured_content["result"]["revision"] == revision
    assert "revisión" not in text_of(first)
    assert f"Cotización {number}, revisión 2" in text_of(second)
    assert f"Cotización {number}, revisión 3" in text_of(third)


async def test_a_revision_under_other_prices_says_so_to_whoever_quotes_and_not_to_the_client(
    client: Client, folder: Path
) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    same = await ask(client, "submit_quotation", base_task_id=first["task_id"], changes={"quantity_panels": 8})
    assert "prices_changed" not in json.dumps(same)
    _raise_prices(folder)
    changed = {"base_task_id": first["result"]["quotation_id"], "changes": {"quantity_panels": 9}, "formats": ["xlsx"]}
    answer = await client.call_tool("submit_quotation", changed)

    assert answer.structured_content is not None
    bom = answer.structured_content["result"]["bom"]
    (warning,) = [warning for warning in bom["warnings"] if warning["code"] == "prices_changed"]
    eight = await ask(client, "submit_bom", request=COUNTED | {"quantity_panels": 8})
    before, now = (bill["totals"]["total"] for bill in (same["result"]["bom"], eight["result"]))
    assert warning["data"] == {"before": before, "now": now}
    assert warning["text"].startswith("Los precios cambiaron desde la cotización anterior: lo mismo costaba US$ 2.")
    assert warning["text"] in text_of(answer)
    assert "Los precios cambiaron" not in await _printed(client, answer.structured_content)
    sheets = await _sheets(client, answer.structured_content)
    assert "ISODEC EPS 100 mm" in sheets
    assert "Los precios cambiaron" not in sheets


async def test_that_prices_changed_is_said_in_english_where_the_server_speaks_it(folder: Path) -> None:
    async with in_this_process(folder, language="en") as client:
        first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
        _raise_prices(folder)
        answer = await client.call_tool("submit_quotation", {"base_task_id": first["task_id"]})

    before = first["result"]["bom"]["totals"]["total"]
    assert "revision 2" in text_of(answer)
    assert f"Prices changed since the earlier quotation: the same came to US$ {before}" in text_of(answer)


async def test_after_a_revision_under_the_new_prices_nothing_is_said_of_them_any_more(
    client: Client, folder: Path
) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    _raise_prices(folder)
    second = await ask(client, "submit_quotation", base_task_id=first["task_id"])
    third = await ask(client, "submit_quotation", base_task_id=first["result"]["quotation_id"])

    codes = [{w["code"] for w in view["result"]["bom"]["warnings"]} for view in (second, third)]
    assert ["prices_changed" in each for each in codes] == [True, False]


async def test_a_revision_keeps_language_and_files_unless_others_are_asked_for(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA, language="en", formats=["csv"])
    again = await ask(client, "submit_quotation", base_task_id=first["task_id"])
    other = await ask(client, "submit_quotation", base_task_id=first["task_id"], language="es", formats=[])

    assert "QUOTATION" in await _printed(client, again)
    assert [artifact["name"] for artifact in again["artifacts"]] == ["bom.csv", "preview.png", "quotation.pdf"]
    assert "COTIZACIÓN" in await _printed(client, other)
    assert [artifact["name"] for artifact in other["artifacts"]] == ["preview.png", "quotation.pdf"]


async def test_the_pdf_of_a_calculation_can_be_revised_like_a_quotation(client: Client) -> None:
    bill = await ask(client, "submit_bom", request=ROOF | {"ask_missing": True})
    await ask(client, "task_answer", task_id=bill["task_id"], answers={"span_m": 4, "structure": "madera"})
    sold = await ask(client, "submit_pdf", bom_task_id=bill["task_id"], client=ANA, language="en")
    again = await ask(client, "submit_quotation", base_task_id=sold["task_id"], changes={"thickness_mm": 150})

    assert "QUOTATION" in await _printed(client, sold)
    assert (again["result"]["quotation_id"], again["result"]["revision"]) == (sold["result"]["quotation_id"], 2)
    given = ROOF | {"thickness_mm": 150, "span_m": 4, "structure": "madera"}
    assert again["result"]["bom"] == (await ask(client, "submit_bom", request=given))["result"]
    assert "Ana Pérez" in await _printed(client, again)


# --- again as it was sent -----------------------------------------------------------------------------------------


async def test_a_quotation_is_printed_again_as_it_was_sent_after_prices_changed_and_its_task_is_gone(
    client: Client, folder: Path
) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    sent, number = await _printed(client, first), first["result"]["quotation_id"]
    _raise_prices(folder)
    await _forget_tasks(folder)
    again = await client.call_tool("submit_pdf", {"quotation_id": number.lower()})

    view = again.structured_content
    assert view is not None
    assert await _printed(client, view) == sent
    assert view["result"] == {name: first["result"][name] for name in ("quotation_id", "revision", "pages", "archival")}
    async with open_queue(Settings.read(data_dir=folder)) as queue:
        assert [record.task_id for record in await queue.records("quotation")] == [first["task_id"]]


async def test_an_earlier_revision_is_printed_again_when_it_is_asked_for(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    second = await ask(client, "submit_quotation", base_task_id=first["task_id"], changes={"quantity_panels": 8})
    number = first["result"]["quotation_id"]
    newest = await ask(client, "submit_pdf", quotation_id=number)
    oldest = await ask(client, "submit_pdf", quotation_id=number, revision=1)

    assert (newest["result"]["revision"], oldest["result"]["revision"]) == (2, 1)
    assert await _printed(client, newest) == await _printed(client, second)
    assert await _printed(client, oldest) == await _printed(client, first)


async def test_what_was_sent_in_spanish_is_printed_in_english_with_the_same_amounts(
    client: Client, folder: Path
) -> None:
    first = await ask(client, "submit_quotation", requests=[COUNTED, WALL], client=ANA)
    sold = await ask(client, "submit_bom", request=WALL)
    second = await ask(client, "submit_pdf", bom_task_id=sold["task_id"], client=ANA)
    english = await ask(client, "submit_quotation", requests=[COUNTED, WALL], client=ANA, language="en")
    _raise_prices(folder)
    number = first["result"]["quotation_id"]
    translated = await ask(client, "submit_pdf", quotation_id=number, language="EN")
    wall = await ask(client, "submit_pdf", quotation_id=second["result"]["quotation_id"], language="en")

    same = (await _printed(client, english)).replace(english["result"]["quotation_id"], number)
    assert await _printed(client, translated) == same
    assert "Wall ISOPANEL EPS 100 mm" in await _printed(client, wall)


async def test_lines_that_were_given_stay_as_they_are_in_another_language(client: Client) -> None:
    given = {"quotation_id": "OBRA-7", "client": ANA, "lines": [LINE], "prices_include_tax": True, "date": "2026-03-02"}
    await ask(client, "submit_pdf", quotation=given)
    again = await _printed(client, await ask(client, "submit_pdf", quotation_id="obra-7", language="en"))

    assert "QUOTATION" in again
    assert "Panel a medida" in again
    assert "OBRA-7" in again


PRINTING: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "quotation"),
    "a number and a calculation": ({"quotation_id": "Q-2026-0001", "bom_task_id": "0", "client": ANA}, "bom_task_id"),
    "a number and a client": ({"quotation_id": "Q-2026-0001", "client": ANA}, "client"),
    "a calculation without a client": ({"bom_task_id": "0"}, "client"),
    "a revision of a calculation": ({"bom_task_id": "0", "client": ANA, "revision": 1}, "revision"),
    "a language beside given lines": (
        {"quotation": {"client": ANA, "lines": [LINE], "prices_include_tax": True}, "language": "en"},
        "language",
    ),
    "no number at all": ({"quotation_id": ""}, "quotation_id"),
    "a revision before the first": ({"quotation_id": "Q-2026-0001", "revision": 0}, "revision"),
    "an unknown language": ({"quotation_id": "Q-2026-0001", "language": "pt"}, "language"),
    "an unknown number": ({"quotation_id": "Q-1999-0001"}, "quotation_id"),
}


@pytest.mark.parametrize(("arguments", "field"), PRINTING.values(), ids=PRINTING.keys())
async def test_what_cannot_be_printed_is_refused_and_nothing_is_stored(
    client: Client, arguments: dict[str, Any], field: str
) -> None:
    error = await refused(client, "submit_pdf", **arguments)

    assert error["field"] == field
    assert field in error["message"]
    assert await _stored(client) == 0


async def test_an_unknown_number_or_revision_is_refused_with_those_that_there_are(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    await ask(client, "submit_quotation", base_task_id=first["task_id"])
    number, before = first["result"]["quotation_id"], await _stored(client)

    error = await refused(client, "submit_pdf", quotation_id=f"{number}9")
    assert (error["nearest"], number in error["message"]) == (number, True)
    error = await refused(client, "submit_pdf", quotation_id=number, revision=3)
    assert (error["field"], error["allowed"]) == ("revision", [1, 2])
    assert await _stored(client) == before


# --- found again --------------------------------------------------------------------------------------------------


async def test_earlier_quotations_are_found_newest_first_in_their_last_revision(client: Client, folder: Path) -> None:
    ana = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    given = {
        "client": {"name": "Beto"},
        "lines": [LINE],
        "prices_include_tax": True,
        "title": "Galpón",
        "shipping_usd": 5,
    }
    beto = await ask(client, "submit_pdf", quotation=given)
    again = await ask(client, "submit_quotation", base_task_id=ana["task_id"], changes={"quantity_panels": 8})
    await _forget_tasks(folder)
    answer = await client.call_tool("search_quotations", {})

    page = answer.structured_content
    assert page is not None
    assert page["next_cursor"] is None
    first, second = page["items"]
    assert (first["quotation_id"], first["revision"]) == (ana["result"]["quotation_id"], 2)
    assert (first["task_id"], first["client"], first["requests"]) == (again["task_id"], "Ana Pérez", 1)
    assert (first["total"], first["currency"]) == (again["result"]["bom"]["totals"]["total"], "USD")
    assert abs(date.fromisoformat(first["date"]) - datetime.fromisoformat(again["created_at"]).date()).days <= 1
    assert (second["quotation_id"], second["total"]) == (beto["result"]["quotation_id"], "26.00")
    assert (second["title"], second["requests"], second["order"]) == ("Galpón", 0, None)
    assert f"{first['quotation_id']}, revisión 2" in text_of(answer)
    assert first["total"] in text_of(answer)
    assert "ana@example.com" not in json.dumps(page) + text_of(answer)
    assert "000 000" not in json.dumps(page) + text_of(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [("ana perez", 1), ("PÉREZ fachada", 1), ("fachada", 2), ("2-galpon", 1), ("fachada galpon", 1), ("techo", 0)],
)
async def test_words_are_found_in_client_title_and_number_without_case_and_accents(
    client: Client, query: str, found: int
) -> None:
    await ask(client, "submit_quotation", request=WALL, client=ANA)
    await ask(client, "submit_quotation", request=WALL, client={"name": "Galpón 2-Galpón SRL"})

    assert len((await ask(client, "search_quotations", query=query))["items"]) == found


async def test_pages_follow_each_other_also_where_something_new_comes_in_between(client: Client) -> None:
    line = {"client": ANA, "lines": [LINE], "prices_include_tax": True}
    numbers = [(await ask(client, "submit_pdf", quotation=line))["result"]["quotation_id"] for _ in range(3)]
    first = await ask(client, "search_quotations", limit=2, query="ana")
    await ask(client, "submit_pdf", quotation=line)
    second = await ask(client, "search_quotations", limit=2, query="ana", cursor=first["next_cursor"])

    found = [item["quotation_id"] for page in (first, second) for item in page["items"]]
    assert found == numbers[::-1]
    assert second["next_cursor"] is None


async def test_a_search_of_very_many_goes_on_with_its_cursor_until_it_has_seen_all(folder: Path) -> None:
    """The only one that fits is the oldest of 401."""
    async with opened(folder) as queue:
        no_parameters: dict[str, Any] = {}
        await queue.enqueue_many(_nothing, [no_parameters] * 401)
        for n, claim in enumerate(await Hand(queue).claim()):
            content = {"quotation": {"client": {"name": "Beto" if n else "Ana"}, "lines": [LINE], "date": "2026-03-02"}}
            await queue.store.record(claim, "quotation", json.dumps(content), key=None, prefix="Q-2026-")
            await queue.store.finish(claim, Completed("null"), None)
    async with in_this_process(folder) as client:
        first = await ask(client, "search_quotations", query="ana")
        second = await ask(client, "search_quotations", query="ana", cursor=first["next_cursor"])

    assert first["items"] == []
    assert [item["client"] for item in second["items"]] == ["Ana"]
    assert second["items"][0]["total"] is None  # nobody knows any more whether its prices are with tax
    assert second["next_cursor"] is None


async def test_by_its_number_a_quotation_gives_its_revisions_and_an_order_that_can_be_sent(client: Client) -> None:
    given: dict[str, Any] = {"requests": [COUNTED, WALL], "accessories": [GOTEROS], "discount_pct": 5}
    first = await ask(client, "submit_quotation", **given, client=ANA)
    number = first["result"]["quotation_id"]
    second = await ask(client, "submit_quotation", base_task_id=number, accessories=[])
    (item,) = (await ask(client, "search_quotations", quotation_id=number))["items"]

    assert [revision["revision"] for revision in item["revisions"]] == [2, 1]
    assert [revision["task_id"] for revision in item["revisions"]] == [second["task_id"], first["task_id"]]
    assert [r["total"] for r in item["revisions"]] == [v["result"]["bom"]["totals"]["total"] for v in (second, first)]
    assert set(item["order"]) == {"requests", "discount_pct"}
    sent = await ask(client, "submit_quotation", **item["order"], base_task_id=number)
    assert sent["result"]["bom"] == second["result"]["bom"]


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (COUNTED | {"thickness_mm": None, "compare_thicknesses": [150, 200]}, "options"),
        (
            COUNTED | {"quantity_panels": None, "length_m": None, "panel_groups": [{"quantity": 3, "length_m": 4}]},
            "groups",
        ),
        ({**WALL, "width_m": None, "wall_runs_m": [4, 5], "colour": "blanco"}, "walls"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_order_of_any_request_can_be_sent_again(client: Client, request_: dict[str, Any], name: str) -> None:
    first = await ask(client, "submit_quotation", request=request_, client={"name": name})
    (item,) = (await ask(client, "search_quotations", quotation_id=first["result"]["quotation_id"]))["items"]

    sent = await ask(client, "submit_bom", **item["order"])
    assert sent["result"] == first["result"]["bom"]


async def test_an_order_of_accessories_can_be_sent_again(client: Client) -> None:
    first = await ask(client, "submit_quotation", accessories=[GOTEROS], client=ANA)
    (item,) = (await ask(client, "search_quotations", quotation_id=first["result"]["quotation_id"]))["items"]

    assert set(item["order"]) == {"accessories"}
    assert (await ask(client, "submit_bom", **item["order"]))["result"] == first["result"]["bom"]


async def test_somebody_elses_quotations_are_neither_found_nor_printed(client: Client, folder: Path) -> None:
    theirs = await _of_somebody_else(folder)
    assert (await ask(client, "search_quotations"))["items"] == []
    assert (await refused(client, "search_quotations", quotation_id=theirs))["field"] == "quotation_id"
    error = await refused(client, "submit_pdf", quotation_id=theirs)

    assert (error["field"], "there is none yet" in error["message"]) == ("quotation_id", True)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 51}, "limit"),
        ({"query": ""}, "query"),
        ({"cursor": "0"}, "cursor"),
        ({"quotation_id": "Q-2026-0001", "query": "ana"}, "query"),
        ({"quotation_id": "Q-1999-0001"}, "quotation_id"),
    ],
)
async def test_a_search_that_cannot_be_is_refused(client: Client, arguments: dict[str, Any], field: str) -> None:
    error = await refused(client, "search_quotations", **arguments)

    assert error["field"] == field
    assert field in error["message"]
