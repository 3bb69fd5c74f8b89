"""A version of the knowledge that somebody broke is named to whoever asks; the server lives, and takes the next one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.quotation.changing import SKU, set_price
from tests.server.serving import ROOF, ask, in_this_process, refused

pytestmark = pytest.mark.anyio


def _cut_short(version: Path) -> None:
    (version / "products.json").write_text("{", encoding="utf-8")


def _nested(version: Path) -> None:
    (version / "products.json").write_text("[" * 100_000, encoding="utf-8")


def _emptied(version: Path) -> None:
    for file in version.glob("*.json"):
        file.unlink()


@pytest.mark.parametrize("damage", [_cut_short, _nested, _emptied])
async def test_who_asks_is_told_which_file_is_broken_until_it_is_rolled_back(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    versions = KnowledgeVersions(folder / "knowledge")
    versions.publish(set_price("50.25"), base=0, by="ana", what="new price", at=0)
    damage(versions.current().folder)
    asked: dict[str, dict[str, Any]] = {"submit_bom": {"request": ROOF}, "search_catalog": {"sku": SKU}}

    async with in_this_process(folder) as client:
        for tool, arguments in asked.items():
            error = await refused(client, tool, **arguments)
            assert error["code"] == "storage_unavailable"
            assert "000001" in error["message"]
            assert "products.json" in error["message"]
        with pytest.raises(MCPError, match=r"products\.json"):
            await client.read_resource("prices://lists/bmc-2026-08")

        versions.roll_back(by="ana", at=1)

        for tool, arguments in asked.items():
            await ask(client, tool, **arguments)
