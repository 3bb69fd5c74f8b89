import json
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.errors import InvalidRequest, KnowledgeError
from mcp_tasks.quotation.presentation import presentation
from mcp_tasks.quotation.render import TEMPLATE, Compiled, compile_pdf
from mcp_tasks.quotation.stationery import Stationery, export, read_stationery
from tests.quotation.quotations import DAY, pages, pdf, quotation

FILES = {"quote.typ", "texts/en.json", "texts/es.json", "company.json", "logo.svg", "README.md"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to which everything was exported."""
    export(tmp_path / "propia")
    return tmp_path / "propia"


def changed(path: Path, *keys: str, to: object) -> None:
    """Change a value of a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    path.write_text(json.dumps(content), encoding="utf-8")


def compiled(stationery: Stationery) -> Compiled:
    shown = presentation(quotation(), stationery.company, "Q-2026-0001", DAY, stationery.texts)
    return compile_pdf(shown, str(stationery.company.logo), str(stationery.template))


def test_an_export_is_everything_that_a_quotation_is_printed_on(folder: Path) -> None:
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == FILES
    assert compiled(read_stationery(folder, None, "es")).pdf == pdf()


def test_an_export_overwrites_nothing_unless_it_is_told_to(folder: Path) -> None:
    (folder / "quote.typ").write_text("= Mía")
    (folder / "logo.svg").unlink()
    with pytest.raises(InvalidRequest) as caught:
        export(folder)
    for name in FILES - {"logo.svg"}:
        assert str(folder / name) in caught.value.message
    assert "logo.svg" not in caught.value.message
    assert "--force" in caught.value.message
    assert not (folder / "logo.svg").exists()
    assert (folder / "quote.typ").read_text() == "= Mía"

    export(folder, overwrite=True)
    assert (folder / "quote.typ").read_bytes() == TEMPLATE.read_bytes()


def test_an_export_to_where_nothing_can_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidRequest, match=r"file.* cannot be written: .*; name another folder"):
        export(tmp_path / "file" / "propia")


@pytest.mark.parametrize("named", ["", "quote.typ"])
def test_a_company_changes_layout_words_and_terms_without_code(folder: Path, named: str) -> None:
    changed(folder / "company.json", "name", to="Otra Empresa")
    changed(folder / "texts" / "es.json", "page", "title", to="PRESUPUESTO")
    template = (folder / "quote.typ").read_text(encoding="utf-8")
    (folder / "quote.typ").write_text(template.replace('azul = rgb("#003366")', 'azul = rgb("#116611")'))
    text = pages(compiled(read_stationery(folder / named, None, "es")).pdf)[0]
    assert text.startswith("PRESUPUESTO")
    assert "Titular: Otra Empresa" in text


def test_a_company_that_is_named_goes_before_the_one_beside_the_template(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "otra.json").write_text('{"name": "Otra"}')
    assert read_stationery(folder, tmp_path / "otra.json", "es").company.name == "Otra"


def test_what_was_not_exported_or_was_deleted_is_the_packaged(folder: Path) -> None:
    changed(folder / "texts" / "en.json", "page", "title", to="OFFER")
    for name in ("texts/es.json", "company.json"):
        (folder / name).unlink()
    found = read_stationery(folder, None, "es")
    assert (found.texts.page.title, found.company.name) == ("COTIZACIÓN", "Empresa de Ejemplo S.A.")
    assert read_stationery(folder, None, "en").texts.page.title == "OFFER"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("texts/es.json", '{"numbers": {}}', r"es\.json: numbers\.decimal_mark: Field required"),
        ("texts/es.json", "{", r"es\.json: not JSON"),
        ("company.json", '{"nombre": "x"}', r"company\.json: name: Field required"),
        ("company.json", b"\xff", r"company\.json: not JSON"),
        ("quote.typ", "= Hola\n#let x = (", r"quote\.typ, line 2: unclosed delimiter"),
        ("quote.typ", "= Hola\n\n#d.nadie", r"quote\.typ, line 3: unknown variable: d"),
    ],
)
def test_a_fault_in_a_file_is_told_with_its_place(folder: Path, name: str, content: str | bytes, said: str) -> None:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(KnowledgeError, match=said):
        compiled(read_stationery(folder, None, "es"))


def test_a_folder_without_a_template_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"quote\.typ: there is no such template"):
        compiled(read_stationery(tmp_path, None, "es"))


def test_the_exported_text_names_every_key_that_a_template_receives(folder: Path) -> None:
    told = (folder / "README.md").read_text(encoding="utf-8")
    shown = presentation(quotation(), read_stationery(folder, None, "es").company, "Q-1", DAY)
    for key in (*shown, *shown["words"], *shown["offers"][0]):
        assert key in told
