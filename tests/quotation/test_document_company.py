import json
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation.company import SAMPLE, Company


def company_file(folder: Path, **changes: Any) -> Path:
    sample: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    path = folder / "company.json"
    path.write_text(json.dumps(sample | changes), encoding="utf-8")
    return path


def test_the_sample_company_is_complete_and_neutral() -> None:
    company = Company.load()
    assert company.logo is not None
    assert company.logo.is_file()
    links = [company.web, *(c.url for c in company.comments), *(cell.url for row in company.bank for cell in row)]
    assert all("example.com" in link for link in links if link)
    assert (company.validity_days, company.deposit_pct, company.delivery_days) == (10, 60, "10 a 15")


def test_placeholders_are_filled_with_what_the_company_configures(tmp_path: Path) -> None:
    company = Company.load(company_file(tmp_path, validity_days=15, deposit_pct=40, phone=None))
    assert company.filled("{validity_days} días, seña {deposit_pct} %, tel. {phone}") == "15 días, seña 40 %, tel. "


def test_the_logo_is_looked_up_beside_the_file_not_in_the_working_directory(tmp_path: Path) -> None:
    assert Company.load(company_file(tmp_path, logo="marca.png")).logo == tmp_path / "marca.png"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"comments": [{"text": "Seña del {deposito} %"}]}, r"comments\.0\.text: unknown placeholder \{deposito\}"),
        ({"comments": [{"text": "Vea", "url": "javascript:x"}]}, r"comments\.0\.url"),
        ({"bank": [[{"text": "una sola celda"}]]}, r"bank\.0"),
        ({"validity_days": 0}, "validity_days"),
        ({"nombre": "x"}, "nombre"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(KnowledgeError, match=said) as caught:
        Company.load(company_file(tmp_path, **changes))
    assert "company.json" in str(caught.value)


def test_a_file_that_is_missing_or_not_json_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="cannot be read"):
        Company.load(tmp_path / "nada.json")
    (tmp_path / "company.json").write_text("{", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="not JSON"):
        Company.load(tmp_path / "company.json")
