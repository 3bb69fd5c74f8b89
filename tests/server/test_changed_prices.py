"""Whatever a client asks, the answer has the prices that are in force at that moment."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_types import ResourceTemplateReference, TextResourceContents

from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.quotation.changing import SKU, set_price
from tests.server.serving import ROOF, ask, connected, in_this_process, refused

pytestmark = pytest.mark.anyio


async def _prices_shown(client: Client) -> dict[str, str]:
    """The price of the roof's panel, as each face of the product says it."""
    bom = (await ask(client, "submit_bom", request=ROOF))["result"]
    (item,) = (await ask(client, "search_catalog", sku=SKU))["items"]
    (page,) = (await client.read_resource("prices://lists/bmc-2026-08")).contents
    assert isinstance(page, TextResourceContents)
    rows: list[dict[str, Any]] = json.loads(page.text)["rows"]
    return {
        "bom": next(line["unit_price"] for line in bom["lines"] if line["sku"] == SKU),
        "search": item["price"]["unit_price"],
        "page": next(row["price"] for row in rows if row["sku"] == SKU),
    }


async def test_a_price_that_another_process_published_is_in_every_next_answer(folder: Path) -> None:
    async with connected(folder) as client:
        assert set((await _prices_shown(client)).values()) == {"41.15"}

        versions = KnowledgeVersions(folder / "knowledge")
        versions.publish(set_price("50.25"), base=0, by="ana", what="new price", at=0)
        assert set((await _prices_shown(client)).values()) == {"50.25"}

        versions.roll_back(by="ana", at=0)
        assert set((await _prices_shown(client)).values()) == {"41.15"}


async def test_a_version_that_somebody_broke_is_named_by_every_face_until_it_is_mended(folder: Path) -> None:
    versions = KnowledgeVersions(folder / "knowledge")
    rules = versions.publish(set_price("50.25"), base=0, by="ana", what="new price", at=0).folder / "rules.json"
    whole = rules.read_bytes()
    async with in_this_process(folder) as client:
        rules.write_bytes(b"{")
        for tool, arguments in (("submit_bom", {"request": ROOF}), ("search_catalog", {"sku": SKU})):
            error = await refused(client, tool, **arguments)
            assert error["code"] == "storage_unavailable"
            assert f"{rules}: not JSON" in error["message"]
        with pytest.raises(MCPError, match="not JSON"):
            await client.read_resource("prices://lists")
        with pytest.raises(MCPError, match="not JSON"):
            await client.complete(ResourceTemplateReference(uri="catalog://items/{sku}"), {"name": "sku", "value": ""})

        rules.write_bytes(whole)
        assert set((await _prices_shown(client)).values()) == {"50.25"}
