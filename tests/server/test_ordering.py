"""Orders of several things, and earlier orders changed and sent again, through the tools."""

from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import BlobResourceContents

from mcp_tasks import TaskStatus
from mcp_tasks.app import open_queue
from mcp_tasks.settings import Settings
from tests.quotation.quotations import pages
from tests.server.serving import ROOF, ask, in_this_process, refused, text_of

pytestmark = pytest.mark.anyio

WALL: dict[str, Any] = {
    "product_family": "ISOPANEL",
    "thickness_mm": 100,
    "usage": "pared",
    "length_m": 3,
    "width_m": 10,
    "structure": "metal",
}
COUNTED: dict[str, Any] = {**ROOF, "width_m": None, "quantity_panels": 7, "structure": "metal", "span_m": 4}
GOTEROS: dict[str, Any] = {"quantity": 12, "sku": "6838"}
ANA = {"name": "Ana Pérez"}


@pytest.fixture(scope="module")
async def client(shared_folder: Path, anyio_backend: str) -> AsyncIterator[Client]:
    """What an order comes to does not depend on the process around the server."""
    async with in_this_process(shared_folder) as client:
        yield client


async def _stored(client: Client) -> int:
    return (await ask(client, "task_stats"))["counts"]["total"]


async def _read(client: Client, view: Mapping[str, Any], name: str) -> bytes:
    (content,) = (await client.read_resource(f"artifact://{view['task_id']}/{name}")).contents
    assert isinstance(content, BlobResourceContents)
    return b64decode(content.blob)


async def _printed(client: Client, view: Mapping[str, Any]) -> str:
    return " ".join(" ".join(pages(await _read(client, view, "quotation.pdf"))).split())


# --- what goes together -------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {"code": "invalid_request", "field": "request"}),
    "no accessories": ({"accessories": []}, {"field": "request"}),
    "a request and requests": ({"request": ROOF, "requests": [WALL]}, {"field": "requests"}),
    "no request in the list": ({"requests": []}, {"field": "requests"}),
    "too many requests": ({"requests": [WALL] * 21}, {"field": "requests"}),
    "too many accessories": ({"accessories": [GOTEROS] * 101}, {"field": "accessories"}),
    "a part of a new request": ({"request": ROOF, "part": 1}, {"field": "part"}),
    "a part without changes": ({"base_task_id": "0", "part": 1}, {"field": "part"}),
    "a part before the first": ({"base_task_id": "0", "changes": {"length_m": 6}, "part": 0}, {"field": "part"}),
    "changes of nothing": ({"changes": {"quantity_panels": 8}}, {"field": "base_task_id"}),
    "changes of a new request": ({"request": ROOF, "changes": {"quantity_panels": 8}}, {"field": "base_task_id"}),
    "changes and a request": (
        {"base_task_id": "0", "request": ROOF, "changes": {"quantity_panels": 8}},
        {"field": "changes"},
    ),
    "an unknown field of the changes": (
        {"base_task_id": "0", "changes": {"quantity_panel": 8}},
        {"field": "changes.quantity_panel", "nearest": "quantity_panels"},
    ),
    "a change out of bounds": ({"base_task_id": "0", "changes": {"length_m": 0}}, {"field": "changes.length_m"}),
    "an unknown base": ({"base_task_id": "Q-1999-0001"}, {"code": "task_not_found", "field": "base_task_id"}),
    "a second request that cannot be": (
        {"requests": [WALL, ROOF | {"thickness_mm": 101}]},
        {"code": "thickness_not_available", "field": "requests.1.thickness_mm", "nearest": 100},
    ),
    "the only request of a list": (
        {"requests": [ROOF | {"thickness_mm": 101}]},
        {"code": "thickness_not_available", "field": "requests.0.thickness_mm"},
    ),
    "an unknown field of the second request": (
        {"requests": [WALL, ROOF | {"thicknes_mm": 100}]},
        {"field": "requests.1.thicknes_mm", "nearest": "thickness_mm"},
    ),
    "an accessory that may be several products": (
        {"accessories": [GOTEROS, {"quantity": 1, "kind": "canalon", "thickness_mm": 100}]},
        {"field": "accessories.1.kind"},
    ),
    "an accessory without a name": ({"accessories": [{"quantity": 1}]}, {"field": "accessories.0"}),
    "an unknown SKU": ({"accessories": [{"quantity": 1, "sku": "6883"}]}, {"field": "accessories.0.sku"}),
    "two discounts": (
        {"requests": [WALL | {"discount_pct": 5}, ROOF | {"discount_pct": 6}]},
        {"field": "requests.1.discount_pct"},
    ),
    "a price list that there is not": (
        {"accessories": [GOTEROS], "price_list": "2025"},
        {"code": "unknown_price_list", "field": "price_list"},
    ),
    "thicknesses to compare among several": (
        {"requests": [WALL, ROOF | {"compare_thicknesses": [100, 150]}]},
        {"field": "requests.1.compare_thicknesses"},
    ),
    "eaves for more slopes than there are": (
        {"request": ROOF | {"eave": ["canalon", "gotero_frontal"]}},
        {"field": "request.eave", "example": ["canalon"]},
    ),
    "an unknown eave of one slope": (
        {"request": ROOF | {"roof_type": "2_aguas", "eave": ["canalon", "cornisa"]}},
        {"field": "request.eave.1", "allowed": ["gotero_frontal", "canalon"]},
    ),
    "a format that there is not": ({"request": ROOF, "formats": ["pdf"]}, {"field": "formats.0"}),
    "a format twice": ({"request": ROOF, "formats": ["csv", "CSV"]}, {"field": "formats"}),
}


@pytest.mark.parametrize(("arguments", "facts"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("tool", ["submit_bom", "submit_quotation"])
async def test_what_does_not_go_together_is_refused_and_nothing_is_stored(
    client: Client, tool: str, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    whom = {"client": ANA} if tool == "submit_quotation" else {}
    before = await _stored(client)
    error = await refused(client, tool, **arguments, **whom)

    assert error | facts == error
    assert error["field"] in error["message"]
    assert await _stored(client) == before


async def test_who_does_not_say_for_whom_is_told_so(client: Client) -> None:
    calculated = await ask(client, "submit_bom", request=ROOF)
    before = await _stored(client)

    for arguments in ({"requests": [ROOF, WALL]}, {"base_task_id": calculated["task_id"]}):
        assert (await refused(client, "submit_quotation", **arguments))["field"] == "client"
    assert await _stored(client) == before


async def test_one_request_in_a_list_is_that_request(client: Client) -> None:
    alone = await ask(client, "submit_bom", request=ROOF)
    listed = await ask(client, "submit_bom", requests=[ROOF])

    assert listed["result"] == alone["result"]


async def test_the_files_that_are_asked_for_are_made_besides(client: Client) -> None:
    bill = await ask(client, "submit_bom", requests=[ROOF, WALL], formats=["XLSX", "csv"])
    view = await ask(client, "submit_quotation", request=ROOF, client=ANA, formats=["csv"])

    assert [artifact["name"] for artifact in bill["artifacts"]] == ["bom.csv", "bom.xlsx"]
    assert (await _read(client, bill, "bom.xlsx")).startswith(b"PK")
    assert "ISOPANEL EPS 100 mm" in (await _read(client, bill, "bom.csv")).decode("utf-8-sig")
    assert [artifact["name"] for artifact in view["artifacts"]] == ["bom.csv", "preview.png", "quotation.pdf"]


async def test_the_files_of_a_quotation_say_which_one_it_is_for_whom_and_in_its_language(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=ROOF, client=ANA, formats=["csv"])
    again = await ask(
        client,
        "submit_quotation",
        base_task_id=first["task_id"],
        changes={"length_m": 6},
        language="en",
        formats=["csv"],
    )

    number = first["result"]["quotation_id"]
    spanish = (await _read(client, first, "bom.csv")).decode("utf-8-sig").splitlines()
    english = (await _read(client, again, "bom.csv")).decode("utf-8-sig").splitlines()
    assert spanish[0] == f"COTIZACIÓN;{number}"
    assert f"Cliente;{ANA['name']}" in spanish
    assert english[0] == f"QUOTATION,{number} \N{EN DASH} Revision 2"
    assert f"Client,{ANA['name']}" in english


async def test_a_document_is_in_the_language_that_is_asked_for(client: Client) -> None:
    spanish = await ask(client, "submit_quotation", request=ROOF, client=ANA)
    english = await ask(client, "submit_quotation", request=ROOF, client=ANA, language="EN")

    assert "COTIZACIÓN" in await _printed(client, spanish)
    printed = await _printed(client, english)
    assert "QUOTATION" in printed
    assert "COTIZACIÓN" not in printed


async def test_a_short_text_names_every_option_and_asks_the_same_of_many_once(client: Client) -> None:
    compared = await client.call_tool("submit_bom", {"request": ROOF | {"compare_thicknesses": [100, 150, 200]}})
    many = await client.call_tool("submit_bom", {"requests": [ROOF] * 20})

    lines = text_of(compared).splitlines()
    assert sum(line.startswith("ISODEC EPS ") and "; total US$ " in line for line in lines) == 3
    assert many.structured_content is not None
    assert len(many.structured_content["result"]["questions"]) == 3 + 1  # each once for all of them
    assert "20 partes: ¿La estructura es de metal, hormigón o madera?" in text_of(many)
    assert len(text_of(many)) < 1_300


# --- an earlier order ---------------------------------------------------------------------------------------------


async def test_an_earlier_quotation_is_found_by_its_task_and_by_its_number(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    number = first["result"]["quotation_id"]
    by_task = await ask(client, "submit_quotation", base_task_id=first["task_id"], changes={"quantity_panels": 8})
    by_number = await ask(client, "submit_quotation", base_task_id=f" {number.lower()} ", changes={"discount_pct": 5})

    assert [view["result"]["quotation_id"] for view in (by_task, by_number)] == [number, number]
    assert "Revisión 2" in await _printed(client, by_task)
    assert "Revisión 3" in await _printed(client, by_number)
    assert by_number["result"]["bom"]["panel_count"] == 8  # the number means its latest revision
    assert by_number["result"]["bom"]["totals"]["discount"] != "0.00"


async def test_an_earlier_quotation_is_found_when_its_task_is_long_gone(client: Client, shared_folder: Path) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    async with open_queue(Settings.read(data_dir=shared_folder)) as queue:
        await queue.cleanup({TaskStatus.COMPLETED: 0})
    assert (await refused(client, "task_status", task_id=first["task_id"]))["code"] == "task_not_found"
    again = await ask(client, "submit_quotation", base_task_id=first["task_id"], changes={"quantity_panels": 8})

    assert again["result"]["quotation_id"] == first["result"]["quotation_id"]
    assert "Ana Pérez" in await _printed(client, again)


async def test_the_client_of_an_earlier_quotation_stays_unless_another_is_given(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    other = await ask(client, "submit_quotation", base_task_id=first["task_id"], client={"name": "Beto"})
    again = await ask(client, "submit_quotation", base_task_id=first["result"]["quotation_id"])

    assert "Beto" in await _printed(client, other)
    assert "Beto" in await _printed(client, again)
    assert other["result"]["bom"] == first["result"]["bom"]


async def test_a_calculation_becomes_a_quotation_with_a_number_of_its_own(client: Client) -> None:
    calculated = await ask(client, "submit_bom", requests=[ROOF, WALL], accessories=[GOTEROS])
    quoted = await ask(client, "submit_quotation", base_task_id=calculated["task_id"], client=ANA)

    assert quoted["result"]["bom"] == calculated["result"]
    assert "Revisión" not in await _printed(client, quoted)


async def test_what_is_given_replaces_that_part_of_the_earlier_order_and_nothing_else(client: Client) -> None:
    first = await ask(client, "submit_bom", request=COUNTED, accessories=[GOTEROS], discount_pct=5)
    base = first["task_id"]
    more = await ask(client, "submit_bom", base_task_id=base, accessories=[GOTEROS | {"quantity": 20}])
    fewer = await ask(client, "submit_bom", base_task_id=base, accessories=[])
    wall = await ask(client, "submit_bom", base_task_id=base, request=WALL)
    both = await ask(client, "submit_bom", base_task_id=base, requests=[COUNTED, WALL])
    freight = await ask(client, "submit_bom", base_task_id=base, shipping_usd=280)

    given = await ask(client, "submit_bom", request=COUNTED, accessories=[GOTEROS | {"quantity": 20}], discount_pct=5)
    assert more["result"] == given["result"]
    assert fewer["result"] == (await ask(client, "submit_bom", request=COUNTED, discount_pct=5))["result"]
    assert [part["title"] for part in wall["result"]["parts"]] == ["Fachada ISOPANEL EPS 100 mm", "Accesorios"]
    assert len(both["result"]["parts"]) == 3
    assert freight["result"]["totals"]["shipping"] == "280.00"
    assert {view["result"]["totals"]["discount"] == "0.00" for view in (more, fewer, wall, both, freight)} == {False}


@pytest.mark.parametrize("place", ["request", "order"])
async def test_a_term_of_the_earlier_order_is_changed_wherever_it_was_said(client: Client, place: str) -> None:
    said = {"request": COUNTED | {"discount_pct": 5}} if place == "request" else {"request": COUNTED, "discount_pct": 5}
    base = (await ask(client, "submit_bom", **said))["task_id"]
    ten = (await ask(client, "submit_bom", request=COUNTED, discount_pct=10))["result"]
    none = (await ask(client, "submit_bom", request=COUNTED))["result"]

    assert (await ask(client, "submit_bom", base_task_id=base, discount_pct=10))["result"] == ten
    assert (await ask(client, "submit_bom", base_task_id=base, changes={"discount_pct": 10}))["result"] == ten
    assert (await ask(client, "submit_bom", base_task_id=base, changes={"discount_pct": None}))["result"] == none
    given = await ask(client, "submit_bom", base_task_id=base, request=COUNTED | {"discount_pct": 10})
    assert given["result"] == ten


async def test_a_change_that_cannot_be_is_refused_by_its_own_name(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    base = {"base_task_id": first["result"]["quotation_id"]}

    thickness = await refused(client, "submit_quotation", **base, changes={"thickness_mm": 101})
    assert (thickness["field"], thickness["code"]) == ("changes.thickness_mm", "thickness_not_available")
    wall = {"usage": "pared", "product_family": "ISOPANEL"}
    of_a_roof = await refused(client, "submit_bom", **base, changes=wall)
    assert of_a_roof["field"] == "changes.span_m"
    assert "null takes it back" in of_a_roof["message"]
    assert (await ask(client, "submit_bom", **base, changes=wall | {"span_m": None}))["status"] == "completed"


async def test_only_what_the_earlier_order_has_is_to_be_taken_back(client: Client) -> None:
    base = (await ask(client, "submit_bom", request=COUNTED))["task_id"]

    lacking = await refused(client, "submit_bom", base_task_id=base, changes={"quantity_panels": None})
    assert (lacking["field"], "null" in lacking["message"]) == ("changes.width_m", False)
    nowhere = {"accessories": [{"quantity": 1, "sku": "6883"}], "changes": {"quantity_panels": 8}}
    elsewhere = await refused(client, "submit_bom", base_task_id=base, **nowhere)
    assert (elsewhere["field"], "null" in elsewhere["message"]) == ("accessories.0.sku", False)


async def test_an_earlier_order_of_which_nothing_is_left_is_refused(client: Client) -> None:
    base = (await ask(client, "submit_bom", accessories=[GOTEROS]))["task_id"]

    assert (await refused(client, "submit_bom", base_task_id=base, accessories=[]))["field"] == "accessories"


async def test_one_of_the_options_is_taken(client: Client) -> None:
    options = COUNTED | {"thickness_mm": None, "compare_thicknesses": [150, 200]}
    offered = await ask(client, "submit_quotation", request=options, client=ANA)
    number = offered["result"]["quotation_id"]
    taken = await ask(client, "submit_quotation", base_task_id=number, changes={"thickness_mm": 200})

    bom = taken["result"]["bom"]
    assert (bom["comparison"], bom["lines"][0]["sku"]) == ([], "ISDEC200")
    assert bom["totals"] == offered["result"]["bom"]["comparison"][1]["totals"]


async def test_changes_of_an_order_of_several_are_refused_with_what_to_write_instead(client: Client) -> None:
    several = await ask(client, "submit_bom", requests=[ROOF, WALL])
    loose = await ask(client, "submit_bom", accessories=[GOTEROS])

    base = {"base_task_id": several["task_id"], "changes": {"thickness_mm": 150}}
    error = await refused(client, "submit_bom", **base)
    assert (error["field"], error["example"]["part"]) == ("part", 2)
    assert "1. Techo ISODEC EPS 100 mm; 2. Fachada ISOPANEL EPS 100 mm" in error["message"]
    error = await refused(client, "submit_bom", **base, part=3)
    assert (error["field"], error["allowed"]) == ("part", [1, 2])
    error = await refused(client, "submit_bom", base_task_id=loose["task_id"], changes={"thickness_mm": 150})
    assert (error["field"], "accessories whole" in error["message"]) == ("changes", True)


async def test_a_task_that_ordered_nothing_is_no_base(client: Client) -> None:
    line = {"section": "paneles", "name": "Panel", "unit": "m2", "quantity": 1, "unit_price": 10}
    quotation = {"client": ANA, "lines": [line], "prices_include_tax": True}
    printed = await ask(client, "submit_pdf", quotation=quotation)
    waiting = await ask(client, "submit_bom", request=ROOF, delay_seconds=600, wait_seconds=0)

    for base in (printed["task_id"], printed["result"]["quotation_id"]):
        error = await refused(client, "submit_bom", base_task_id=base)
        assert (error["field"], "submit_pdf" in error["message"]) == ("base_task_id", True)
    error = await refused(client, "submit_bom", base_task_id=waiting["task_id"])
    assert (error["field"], "not completed" in error["message"]) == ("base_task_id", True)


async def test_another_owners_order_is_answered_like_one_that_does_not_exist(
    client: Client, shared_folder: Path
) -> None:
    async with open_queue(Settings.read(data_dir=shared_folder)) as queue:
        params = {"order": {"requests": [ROOF]}, "client": ANA}
        theirs = await queue.enqueue("make_quotation", params=params, owner="somebody else")
        with anyio.fail_after(20):
            done = await queue.wait(theirs.id)
    nobodys = await refused(client, "submit_bom", base_task_id="0")

    for base in (theirs.id, done.result["quotation_id"]):
        error = await refused(client, "submit_bom", base_task_id=base)
        assert {name: str(said).replace(base, "0") for name, said in error.items()} == nobodys


async def test_a_number_that_is_given_again_is_its_next_revision(client: Client) -> None:
    line = {"section": "paneles", "name": "Panel", "unit": "m2", "quantity": 1, "unit_price": 10}
    quotation = {"quotation_id": "OBRA-7", "client": ANA, "lines": [line], "prices_include_tax": True}
    first = await ask(client, "submit_pdf", quotation=quotation)
    again = await ask(client, "submit_pdf", quotation=quotation)

    assert "Revisión" not in await _printed(client, first)
    assert "Revisión 2" in await _printed(client, again)
    assert again["result"]["quotation_id"] == "OBRA-7"


async def test_a_change_that_is_sent_twice_with_one_key_is_made_once(client: Client) -> None:
    first = await ask(client, "submit_quotation", request=COUNTED, client=ANA)
    call = {"base_task_id": first["result"]["quotation_id"], "changes": {"quantity_panels": 8, "discount_pct": 5}}
    again = await ask(client, "submit_quotation", **call, idempotency_key="resend")

    assert await ask(client, "submit_quotation", **call, idempotency_key="resend") == again


async def test_one_part_of_several_is_changed_by_its_number(client: Client) -> None:
    given: dict[str, Any] = {"requests": [COUNTED, WALL], "accessories": [GOTEROS], "discount_pct": 5}
    first = await ask(client, "submit_quotation", **given, client=ANA)
    base = {"base_task_id": first["result"]["quotation_id"]}
    again = await ask(client, "submit_quotation", **base, part=2, changes={"length_m": 4})

    whole = await ask(client, "submit_bom", **given | {"requests": [COUNTED, WALL | {"length_m": 4}]})
    assert again["result"]["bom"] == whole["result"]
    error = await refused(client, "submit_bom", **base, part=2, changes={"thickness_mm": 101})
    assert (error["field"], error["code"]) == ("changes.thickness_mm", "thickness_not_available")
    assert "changes.thickness_mm" in error["message"]
    error = await refused(client, "submit_bom", **base, part=3, changes={"length_m": 4})
    assert "accessories are given whole" in error["message"]


async def test_the_only_request_of_an_order_may_be_named_by_its_number(client: Client) -> None:
    base = (await ask(client, "submit_bom", request=COUNTED, accessories=[GOTEROS]))["task_id"]
    changed = await ask(client, "submit_bom", base_task_id=base, part=1, changes={"quantity_panels": 8})

    assert changed["result"]["panel_count"] == 8


# --- questions ----------------------------------------------------------------------------------------------------


async def test_each_request_asks_for_what_it_lacks_under_its_own_name(client: Client) -> None:
    asking = await ask(client, "submit_bom", requests=[WALL, ROOF | {"ask_missing": True}])
    fields = [question["field"] for question in asking["questions"]]
    assert fields == ["requests.1.span_m", "requests.1.structure"]
    assert asking["questions"][0]["text"].startswith("2. ISODEC 100 mm: ")

    wrong = {"requests.1.span_m": 4, "requests.1.structure": "paja"}
    error = await refused(client, "task_answer", task_id=asking["task_id"], answers=wrong)
    assert error["field"] == "answers.requests.1.structure"
    right = {"requests.1.span_m": 4, "requests.1.structure": "metal"}
    done = await ask(client, "task_answer", task_id=asking["task_id"], answers=right)
    given = await ask(client, "submit_bom", requests=[WALL, ROOF | {"span_m": 4, "structure": "metal"}])
    assert done["result"] == given["result"]


async def test_what_was_answered_once_is_not_asked_again_of_a_changed_order(client: Client) -> None:
    asking = await ask(client, "submit_bom", request=ROOF | {"ask_missing": True})
    await ask(client, "task_answer", task_id=asking["task_id"], answers={"span_m": 4, "structure": "madera"})
    changed = await ask(client, "submit_bom", base_task_id=asking["task_id"], changes={"thickness_mm": 150})

    given = ROOF | {"thickness_mm": 150, "span_m": 4, "structure": "madera"}
    assert changed["result"] == (await ask(client, "submit_bom", request=given))["result"]
