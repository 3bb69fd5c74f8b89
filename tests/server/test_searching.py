"""A model looks a product up: what it is, what it sells for, and how old that price is."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from mcp import Client

from tests.server.serving import ERAS, ask, connected, in_this_process, refused, text_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=ERAS)
async def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Client]:
    """A client of either era, with a server process."""
    async with connected(tmp_path_factory.mktemp("search"), {"mode": request.param}) as client:
        yield client


async def test_a_product_is_found_with_its_price_and_its_list(client: Client) -> None:
    page = await ask(client, "search_catalog", query="canalones isodec 100mm")

    (item,) = page["items"]
    assert (item["sku"], item["unit"], item["kind"]) == ("6801", "pieza", "canalon")
    facts = {"currency": "USD", "tax_included": False, "price_list": "bmc-2026-08", "date": "2026-08-15"}
    assert item["price"] | facts == item["price"]
    assert isinstance(item["price"]["unit_price"], str)
    assert page | {"found": 1, "next_cursor": None, "hint": None} == page


async def test_pages_follow_each_other_to_the_end(client: Client) -> None:
    page = await ask(client, "search_catalog", family="Isoroof", limit=9)
    seen = [item["sku"] for item in page["items"]]
    while page["next_cursor"]:
        page = await ask(client, "search_catalog", family="Isoroof", limit=9, cursor=page["next_cursor"])
        seen += [item["sku"] for item in page["items"]]

    assert len(seen) == len(set(seen)) == page["found"] > 9


async def test_nothing_found_is_an_answer_with_a_hint(client: Client) -> None:
    answer = await client.call_tool("search_catalog", {"query": "gotro"})

    assert not answer.is_error
    page = answer.structured_content
    assert page is not None
    assert page["items"] == []
    assert "«gotero»" in page["hint"]
    assert page["hint"] in text_of(answer)


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"family": "ISORUF"}, {"field": "family", "nearest": "ISOROOF"}),
        ({"sku": "IROF80"}, {"field": "sku", "received": "IROF80", "nearest": "IROOF80"}),
        ({"query": "isodec", "cursor": "1"}, {"field": "cursor", "received": "1"}),
        ({"thickness_mm": "1e2"}, {"field": "thickness_mm", "received": "1e2"}),
        ({"limit": 101}, {"field": "limit", "received": 101}),
        ({"thickness": 100}, {"field": "thickness", "nearest": "thickness_mm"}),
        ({"query": ""}, {"field": "query"}),
        ({"query": "x" * 201}, {"field": "query"}),
    ],
)
async def test_what_cannot_be_looked_up_is_refused_with_the_facts(
    client: Client, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    error = await refused(client, "search_catalog", **arguments)

    assert error | facts | {"code": "invalid_request"} == error


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ["US$ 41,15 por m2", "del 15/08/2026", "más IVA", "más de 60 días"]),
        ("en", ["US$ 41.15 per m2", "of 15 Aug 2026", "plus VAT", "more than 60 days"]),
    ],
)
async def test_the_text_has_the_price_its_tax_and_that_the_list_is_old(
    folder: Path, language: str, said: list[str]
) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=True):
        async with in_this_process(folder, language=language) as client:
            text = text_of(await client.call_tool("search_catalog", {"sku": "ISDEC100"}))

    assert [word for word in said if word not in text] == []


async def test_a_fresh_list_is_not_called_old(folder: Path) -> None:
    with time_machine.travel("2026-08-20T12:00:00Z", tick=True):
        async with in_this_process(folder) as client:
            answer = await client.call_tool("search_catalog", {"sku": "ISDEC100"})

    assert answer.structured_content is not None
    assert answer.structured_content["items"][0]["price"]["stale"] is False
    assert "60" not in text_of(answer)
