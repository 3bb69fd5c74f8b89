"""However the files of the version in force were broken, who asks is told which it is, until that is rolled back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.quotation.changing import SKU, set_price
from tests.server.serving import ROOF, ask, in_this_process, refused

pytestmark = pytest.mark.anyio


def _nested(version: Path) -> None:
    (version / "products.json").write_text("[" * 100_000, encoding="utf-8")


def _said_twice(version: Path) -> None:
    (version / "products.json").write_text('{"panels": [], "panels": []}', encoding="utf-8")


def _emptied(version: Path) -> None:
    for file in version.glob("*.json"):
        file.unlink()


@pytest.mark.parametrize("damage", [_nested, _said_twice, _emptied])
async def test_a_broken_version_is_named_and_can_be_rolled_back(folder: Path, damage: Callable[[Path], None]) -> None:
    versions = KnowledgeVersions(folder / "knowledge")
    versions.publish(set_price("50.25"), base=0, by="ana", what="new price", at=0)
    damage(versions.current().folder)
    asked: dict[str, dict[str, Any]] = {"submit_bom": {"request": ROOF}, "search_catalog": {"sku": SKU}}

    async with in_this_process(folder) as client:
        for tool, arguments in asked.items():
            error = await refused(client, tool, **arguments)
            assert error["code"] == "storage_unavailable"
            assert str(versions.current().folder / "products.json") in error["message"]

        await ask(client, "submit_price_sync", mode="rollback")

        for tool, arguments in asked.items():
            await ask(client, tool, **arguments)
