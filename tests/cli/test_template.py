"""A company gets the template, changes it, and quotes with it."""

import json
from pathlib import Path

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
import pytest

from tests.cli.command import mcp_tasks


def test_what_is_exported_is_listed_and_it_is_said_how_to_use_it(tmp_path: Path) -> None:
    folder = tmp_path / "propia"

    said = mcp_tasks("template", "export", folder)

    assert (said.code, said.err) == (0, "")
    listed, told = said.out.split("\n\n")
    assert {Path(line) for line in listed.splitlines()} == {path for path in folder.rglob("*") if path.is_file()}
    assert f"mcp-tasks template preview {folder}" in told
    assert f"mcp-tasks serve --template {folder}" in told
    assert f"MCP_TASKS_TEMPLATE_FILE={folder}" in told


def test_files_that_are_there_are_named_and_kept_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "company.json").write_text("mine")

    refused = mcp_tasks("template", "export", tmp_path)
    kept = (tmp_path / "company.json").read_text()
    forced = mcp_tasks("template", "export", tmp_path, "--force")

    assert (refused.code, refused.out, kept) == (2, "", "mine")
    assert refused.err.startswith(f"mcp-tasks: already there: {tmp_path / 'company.json'}; ")
    assert len(refused.err.splitlines()) == 1
    assert forced.code == 0
    assert json.loads((tmp_path / "company.json").read_text(encoding="utf-8"))["name"]


def test_the_demo_quotes_as_the_company_whose_files_it_is_given(tmp_path: Path) -> None:
    mcp_tasks("template", "export", tmp_path / "propia")
    (tmp_path / "propia" / "quote.typ").write_text(
        '#let d = json(bytes(sys.inputs.data))\n#set document(title: "x")\nHola #d.company'
    )
    (tmp_path / "otra.json").write_text('{"name": "Otra Empresa"}')
    files = ("--template", tmp_path / "propia", "--company", tmp_path / "otra.json")

    said = mcp_tasks("demo", "--output", tmp_path / "out", *files)

    assert said.code == 0
    page = pypdfium2.PdfDocument(tmp_path / "out" / "quotation.pdf")[0]
    assert page.get_textpage().get_text_range() == "Hola Otra Empresa"


@pytest.mark.parametrize("command", ["serve", "start", "demo"])
@pytest.mark.parametrize("flag", ["--template", "--company"])
def test_files_that_are_not_there_are_refused_at_once(tmp_path: Path, command: str, flag: str) -> None:
    said = mcp_tasks(command, flag, tmp_path / "nowhere")

    assert said.code == 2
    assert flag in said.err
    assert "does not exist" in said.err


@pytest.mark.parametrize("command", ["serve", "start"])
@pytest.mark.parametrize("variable", ["MCP_TASKS_TEMPLATE_FILE", "MCP_TASKS_COMPANY_FILE"])
def test_files_that_the_environment_names_and_are_not_there_are_told_in_a_line_at_once(
    tmp_path: Path, command: str, variable: str
) -> None:
    said = mcp_tasks(command, **{variable: str(tmp_path / "nowhere")})

    assert (said.code, said.out) == (2, "")
    told = said.err.splitlines()[-1]
    assert f"there is no file {tmp_path / 'nowhere'}; " in told
    assert told.endswith(f"leave {variable} out")
    assert "Traceback" not in said.err


def test_a_folder_without_a_template_is_told_at_once(tmp_path: Path) -> None:
    said = mcp_tasks("serve", "--template", tmp_path)

    assert said.code == 2
    assert f"there is no file {tmp_path / 'quote.typ'}; " in said.err


@pytest.mark.parametrize(("language", "title"), [("es", "COTIZACIÓN"), ("en", "QUOTATION")])
def test_a_preview_shows_a_quotation_on_the_companys_own_files(tmp_path: Path, language: str, title: str) -> None:
    mcp_tasks("template", "export", tmp_path / "propia")
    (tmp_path / "otra.json").write_text('{"name": "Otra Empresa"}')
    pdf = tmp_path / "muestra.pdf"

    files = ("--company", tmp_path / "otra.json", "--output", pdf)
    said = mcp_tasks("template", "preview", tmp_path / "propia", "--language", language, *files)

    assert (said.code, said.out, said.err) == (0, f"{pdf}\n", "")
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    for words in (title, "Otra Empresa", "MUESTRA", "Cliente de Muestra"):
        assert words in text


def test_a_preview_tells_the_faults_of_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "propia"
    pdf = tmp_path / "muestra.pdf"
    mcp_tasks("template", "export", folder)
    (folder / "logo.svg").unlink()

    without_logo = mcp_tasks("template", "preview", folder, "--output", pdf)
    (folder / "quote.typ").write_text("= Hola\n#let x = (")
    broken = mcp_tasks("template", "preview", folder, "--output", pdf)
    unknown = mcp_tasks("template", "preview", folder, "--language", "fr", "--output", pdf)

    assert without_logo.code == 0
    assert without_logo.err.startswith(f"The logo {folder / 'logo.svg'} is left out: it cannot be read")
    assert (broken.code, broken.err) == (
        1, "mcp-tasks: the template cannot be compiled: quote.typ, line 2: unclosed delimiter\n",
    )  # fmt: skip
    assert (unknown.code, unknown.err) == (2, "mcp-tasks: there is no language 'fr' (one of: es, en)\n")
