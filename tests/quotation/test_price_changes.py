"""A change of prices is done once, however often it is asked for, and never over what somebody else has done."""

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from mcp_tasks.errors import InvalidRequest, VersionConflict
from mcp_tasks.quotation.price_changes import PriceChanges
from mcp_tasks.quotation.price_order import InlinePrice, PriceOrder, PriceSyncResult
from mcp_tasks.quotation.price_plan import PricePlan
from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.quotation.changing import SKU, price_of, set_price

Change: TypeAlias = Callable[[Path], None]
TODAY = datetime.date(2026, 11, 24)


@pytest.fixture
def versions(tmp_path: Path) -> KnowledgeVersions:
    """Those of a folder that is not there yet."""
    return KnowledgeVersions(tmp_path / "knowledge")


@pytest.fixture
def changes(versions: KnowledgeVersions, tmp_path: Path) -> PriceChanges:
    """The changes of these."""
    return PriceChanges(versions, tmp_path / "prices")


def plan(changes: PriceChanges, price: str = "45.50", sku: str = SKU) -> PricePlan:
    """The plan of a single price."""
    order = PriceOrder(rows=(InlinePrice(sku=sku, price=Decimal(price)),), tax_included=False)
    return changes.plan(order, TODAY)


def apply(changes: PriceChanges, planned: PricePlan, *, force: bool = False) -> PriceSyncResult:
    """Apply it as Ana."""
    return changes.apply(planned, TODAY, force=force, by="ana", at=1)


def drop(sku: str, *, product: bool = False) -> Change:
    """A change that takes the price of an SKU away, or gives its product another SKU."""

    def change(folder: Path) -> None:
        for file in (folder / "price-lists").iterdir():
            content: Any = json.loads(file.read_text(encoding="utf-8"))
            content["rows"] = [row for row in content["rows"] if row["sku"] != sku]
            file.write_text(json.dumps(content), encoding="utf-8")
        if product:
            text = (folder / "products.json").read_text(encoding="utf-8")
            (folder / "products.json").write_text(text.replace(f'"{sku}"', '"RENAMED"'), encoding="utf-8")

    return change


def drop_august(folder: Path) -> None:
    """A change that takes the whole list away."""
    (folder / "price-lists" / "bmc-2026-08.json").unlink()


def publish(versions: KnowledgeVersions, change: Change) -> None:
    """Publish a change over what is in force."""
    versions.publish(change, base=versions.current().number, by="eva", what="", at=2)


def test_a_plan_is_applied_once(changes: PriceChanges, versions: KnowledgeVersions) -> None:
    planned = plan(changes)

    assert not apply(changes, planned).already_applied
    assert apply(changes, planned).already_applied
    assert versions.current().number == 1
    assert price_of(versions) == "45.50"


def test_a_plan_that_somebody_elses_change_did_not_touch_counts_as_applied(
    changes: PriceChanges, versions: KnowledgeVersions
) -> None:
    planned = plan(changes)
    apply(changes, planned)
    publish(versions, drop("IF40"))

    again = apply(changes, planned)
    assert (again.already_applied, again.version) == (True, 2)


def test_what_was_forced_counts_as_applied_too(changes: PriceChanges) -> None:
    planned = plan(changes, "60")
    with pytest.raises(InvalidRequest, match="rejected"):
        apply(changes, planned)

    assert not apply(changes, planned, force=True).already_applied
    assert apply(changes, planned, force=True).already_applied


def test_a_plan_that_changes_nothing_publishes_nothing(changes: PriceChanges, versions: KnowledgeVersions) -> None:
    assert apply(changes, plan(changes, "41.15")).already_applied
    assert versions.current().number == 0


@pytest.mark.parametrize("change", [set_price("50"), drop(SKU), drop("6828", product=True)])
def test_a_plan_is_refused_once_anything_has_changed(
    changes: PriceChanges, versions: KnowledgeVersions, change: Change
) -> None:
    planned = plan(changes)
    publish(versions, change)
    before = versions.knowledge()

    with pytest.raises(InvalidRequest, match="plan again"):
        apply(changes, planned)
    assert versions.knowledge() is before


def test_a_plan_for_a_product_that_is_gone_is_refused(changes: PriceChanges, versions: KnowledgeVersions) -> None:
    planned = plan(changes, "15.50", sku="6828")
    publish(versions, drop("6828", product=True))

    with pytest.raises(InvalidRequest, match="plan again"):
        apply(changes, planned)


def test_a_plan_for_a_list_that_is_gone_is_refused(changes: PriceChanges, versions: KnowledgeVersions) -> None:
    planned = plan(changes)
    publish(versions, drop_august)

    with pytest.raises(InvalidRequest, match="plan again"):
        apply(changes, planned)


def test_a_roll_back_that_is_asked_for_twice_undoes_one_version(
    changes: PriceChanges, versions: KnowledgeVersions
) -> None:
    publish(versions, set_price("50"))
    publish(versions, set_price("51"))
    undo = changes.current()

    assert not changes.roll_back(undo, by="ana", at=3).already_applied
    assert changes.roll_back(undo, by="ana", at=3).already_applied
    assert (versions.current().number, price_of(versions)) == (3, "50")


def test_a_roll_back_never_undoes_another_version_than_the_one_meant(
    changes: PriceChanges, versions: KnowledgeVersions
) -> None:
    publish(versions, set_price("50"))
    undo = changes.current()
    publish(versions, set_price("51"))

    with pytest.raises(VersionConflict):
        changes.roll_back(undo, by="ana", at=3)
    assert price_of(versions) == "51"


def test_what_the_package_ships_cannot_be_undone(changes: PriceChanges) -> None:
    with pytest.raises(InvalidRequest, match="no change left"):
        changes.check_roll_back()
