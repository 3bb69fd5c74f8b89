"""A data file that cannot be used is refused when it is loaded, naming the file, the path and the fault."""

import shutil
from pathlib import Path

import pytest

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation import knowledge
from tests.quotation.damaging import LIST, REMOVED, copy, put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files to break."""
    return copy(tmp_path / "data")


def _fault(folder: Path) -> str:
    with pytest.raises(KnowledgeError) as refused:
        knowledge.load(folder)
    return str(refused.value)


def test_a_copy_of_the_shipped_files_loads_as_the_shipped_ones(folder: Path) -> None:
    assert knowledge.load(folder) == knowledge.load()


def test_the_shipped_files_are_read_once() -> None:
    assert knowledge.load() is knowledge.load()


def test_the_newest_list_comes_first(folder: Path) -> None:
    newer = folder / "price-lists" / "bmc-2027-01.json"
    shutil.copy(folder / "price-lists" / "bmc-2026-02.json", newer)
    put(newer, "id", "bmc-2027-01")
    put(newer, "date", "2027-01-10")

    assert [prices.id for prices in knowledge.load(folder).price_lists] == ["bmc-2027-01", "bmc-2026-08", "bmc-2026-02"]


_EPS = "systems.techo_isodec_eps"
_WALL = "systems.pared_isopanel_eps"
_METAL = "fixing_systems.rod.per_point.value.metal"


@pytest.mark.parametrize(
    ("file", "path", "value", "fault"),
    [
        ("products.json", "panels.0.thickness_mm", "100", "panels.0.thickness_mm: "),
        ("products.json", "panels.0.useful_width_m", "1,12 m", "panels.0.useful_width_m: "),
        ("products.json", "panels.0.cost", "9", "panels.0.cost: "),
        ("products.json", "panels.0.max_span_m", None, "panels.0: a roof panel needs max_span_m"),
        ("products.json", "accessories.0.sku", "6839", "the file: SKU or alias given twice: 6839"),
        ("products.json", "accessories.0.aliases", ["6839"], "the file: SKU or alias given twice: 6839"),
        ("products.json", "accessories.0.thickness_mm", [100, 150], "the file: accessory given twice: "),
        ("products.json", "accessories.0.stock_length_m", None, "accessories.0: gotero_frontal needs stock_length_m"),
        ("products.json", "accessories.T1PERF.kind", "tornillo", "the file: no accessory of kind tornillo_t1"),
        ("rules.json", "common.min_supports", REMOVED, "common.min_supports: "),
        ("rules.json", "common.min_supports", 2, "common.min_supports: "),
        ("rules.json", "common.min_supports.source", REMOVED, "common.min_supports.source: "),
        ("rules.json", "roof_types.mariposa", REMOVED, "roof_types: the rows must be "),
        ("rules.json", f"{_EPS}.code", "X", f"{_EPS}.code: no panel of 'X' for techo"),
        ("rules.json", f"{_WALL}.core", "PIR", f"{_WALL}: family and core are not those of its panels"),
        ("rules.json", f"{_EPS}.core", "PIR", "systems: techo_isodec_pir is the same family, core and usage as "),
        ("products.json", "panels.0.min_length_m", "20", "panels.0: min_length_m is more than max_length_m"),
        ("rules.json", f"{_EPS}.fixing", "anchor_screw", f"{_EPS}: anchor_screw does not fix a techo"),
        ("rules.json", f"{_METAL}.clavo", 1, "fixing_systems.rod.per_point.metal.clavo"),
        (LIST, "tax_included", REMOVED, "tax_included: "),
        (LIST, "tax_rate", "0.10", "the file: tax_rate must be 0.22"),
        (LIST, "id", "other", "id: 'other' is not the name of the file"),
        (LIST, "rows.0.price", "0", "rows.0.price: "),
        (LIST, "rows.0.sku", "NOPE", "rows.0.sku: 'NOPE' is not in the catalog"),
        (LIST, "rows.0.unit", "pieza", "rows.0.unit: ISDEC100 is sold by m2, not by pieza"),
        (LIST, "rows.1.sku", "ISDEC100", "the file: two prices for ISDEC100"),
    ],
)
def test_a_fault_is_named_with_its_file_and_place(
    folder: Path, file: str, path: str, value: object, fault: str
) -> None:
    put(folder / file, path, value)

    assert _fault(folder).startswith(f"{folder / file}: {fault}")


def test_a_file_that_is_not_json_is_named(folder: Path) -> None:
    (folder / "rules.json").write_text("{", encoding="utf-8")

    assert _fault(folder).startswith(f"{folder / 'rules.json'}: not JSON: ")


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "products.json").unlink()

    assert _fault(folder).startswith(f"{folder / 'products.json'}: cannot be read: ")


def test_without_a_price_list_nothing_can_be_quoted(folder: Path) -> None:
    shutil.rmtree(folder / "price-lists")

    assert "there is no price list" in _fault(folder)
