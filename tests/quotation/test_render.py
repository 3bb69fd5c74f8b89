import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFont

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation import render
from tests.quotation.quotations import COMPANY, line, pages, pdf, printed, rendered

ROOT = Path(__file__).parents[2]
HOSTILE = """Pérez & Hijos <SA> <b>x #panic("no") $x^2$ *b* _i_ `c` \\ @ref <lbl> // /* ]] ) } {{x}} \\u{1F600}"""


def test_a_quotation_becomes_a_pdf_and_a_picture_of_its_first_page(tmp_path: Path) -> None:
    answer, told = rendered(tmp_path)
    assert answer == {"pages": 1, "archival": True, "unprintable": "", "logo_fault": None}
    assert [(t["done"], t["total"]) for t in told] == [(1, 2), (2, 2)]
    assert {file.name for file in tmp_path.iterdir()} == {"quotation.pdf", "preview.png"}
    with Image.open(tmp_path / "preview.png") as picture:
        assert picture.format == "PNG"
        assert abs(picture.height / picture.width - 297 / 210) < 0.01
        assert len(picture.convert("L").getcolors() or []) > 50


def test_equal_quotations_give_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        rendered(folder, client={"name": "Ana"})
    rendered(tmp_path, client={"name": "Eva"})
    for name in ("quotation.pdf", "preview.png"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
        assert (first / name).read_bytes() != (tmp_path / name).read_bytes()


@pytest.mark.parametrize(
    "made",
    [
        "quotations.pdf(lines=quotations.lines(1, 2, 3), revision=2, language='en')",
        "spreadsheet.xlsx_bytes(spreadsheets.written(asking.bom(asking.ROOF)))",
        "spreadsheet.csv_bytes(spreadsheets.written(asking.bom(asking.ROOF)))",
    ],
)
def test_bytes_depend_on_neither_process_nor_hour_nor_hash_seed(made: str) -> None:
    code = (
        "import hashlib\n"
        "from mcp_tasks.quotation import spreadsheet\n"
        "from tests.quotation import asking, quotations, spreadsheets\n"
        f"print(hashlib.sha256({made}).hexdigest())"
    )
    digests: set[str] = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, env=environment, timeout=25
        )
        digests.add(done.stdout.decode())
    assert len(digests) == 1


def test_everything_that_a_client_must_read_is_on_the_page() -> None:
    text = pages(pdf(title="Techo del galpón", span_m="6.5", supports=3, shipping_usd=280, discount_pct=5))[0]
    for words in (
        "COTIZACIÓN\nTecho del galpón",
        "Q-2026-0001",
        "Empresa de Ejemplo S.A.",
        "Cliente Ana Ejemplo",
        "Fecha 23/11/2026",
        "Válida hasta 03/12/2026",
        "Autoportancia 6,50 m",
        "Apoyos 3",
        "ISODEC EPS 150 mm \N{EN DASH} 12 p. de 7,75 m m² 104,16 41,15 4.286,18",
        "Gotero lateral 150 mm (3 m) pieza 4 27,33 109,32",
        "Superficie de techo 104,16 m²",
        "Traslado US$ 280,00",
        "IVA 22 %",
        "TOTAL US$ 5.484,56",
        "Seña del 60 % al hacer el pedido.",
        "Titular: Empresa de Ejemplo S.A.",
        "Lea los términos y condiciones",
        "Página 1 de 1",
    ):
        assert words in text


def test_text_that_looks_like_markup_is_printed_as_it_is() -> None:
    document = pdf(
        client={"name": HOSTILE},
        title=HOSTILE,
        lines=[line(name=HOSTILE, unit='#eval("1")')],
        comments=[{"text": HOSTILE, "style": "bold_red"}],
    )
    text = " ".join(pages(document)[0].split())
    assert text.count(HOSTILE) == 4


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_pdf_is_archival_and_tagged_in_its_language(language: str) -> None:
    document = pdf(language=language)
    for mark in (b"<pdfaid:part>3</pdfaid:part>", b"<pdfuaid:part>1</pdfuaid:part>", b"/MarkInfo"):
        assert mark in document
    assert f"/Lang({language}-UY)".encode() in document


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Ana \u6f22\u5b57", "\u6f22\u5b57"),
        ("Ana \N{HOUSE BUILDING}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}", "\U0001f3e0\U0001f3fe"),
        ("Ana a\N{COMBINING ENCLOSING KEYCAP}", "\N{COMBINING ENCLOSING KEYCAP}"),
        ("Ana \u0639\u0631", "\u0631\u0639"),
    ],
)
def test_a_character_that_no_font_has_costs_the_archival_mark_and_is_named(
    tmp_path: Path, name: str, missing: str
) -> None:
    answer, _ = rendered(tmp_path, client={"name": name})
    assert (answer["pages"], answer["archival"]) == (1, False)
    assert sorted(answer["unprintable"]) == sorted(missing)
    text = pages((tmp_path / "quotation.pdf").read_bytes())[0]
    for letter in missing:
        name = name.replace(letter, "\N{REPLACEMENT CHARACTER}")
    assert f"Cliente {name} Fecha" in text
    assert "Empresa de Ejemplo" in text
    assert "TOTAL" in text


def test_accents_greek_and_cyrillic_are_archival(tmp_path: Path) -> None:
    assert rendered(tmp_path, client={"name": "Ñandú Ýñigo Ελληνικά Кириллица m² Ø ½ € \N{EN DASH}"})[0]["archival"]


@pytest.mark.parametrize(
    ("logo", "fault"),
    [
        (None, None),
        ("no/such/logo.png", "it cannot be read: No such file or directory"),
        ("tests", "it cannot be read: Is a directory"),
        (__file__, "unknown image format"),
    ],
)
def test_without_a_usable_logo_the_company_is_named_in_its_place(logo: str | None, fault: str | None) -> None:
    document = render.compile_pdf(printed(), logo)
    assert (document.archival, document.logo_fault) == (True, fault)
    head = " ".join(pages(document.pdf)[0].split()).partition("Cliente")[0]
    assert head.startswith("Empresa de Ejemplo S.A. COTIZACIÓN")
    assert head.count("Empresa de Ejemplo S.A.") == 1


def test_an_empty_or_cut_off_picture_is_left_out(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (400, 100), "navy").save(logo)
    whole = logo.read_bytes()
    for kept in (0, len(whole) // 2):
        logo.write_bytes(whole[:kept])
        document = render.compile_pdf(printed(), str(logo))
        assert document.archival
        assert document.logo_fault
        assert pages(document.pdf)[0].startswith("Empresa de Ejemplo")


def test_a_picture_that_would_make_each_quotation_heavy_is_left_out(tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    for padding, fault in ((0, None), (2_000_000, "it is larger than 2 MB")):
        logo.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{" " * padding}</svg>')
        told = render.compile_pdf(printed(), str(logo)).logo_fault
        assert told is None if fault is None else str(told).startswith(fault)


def test_a_fault_of_the_template_is_not_put_down_to_the_logo(tmp_path: Path) -> None:
    template = tmp_path / "t.typ"
    template.write_text("\n#nadie")
    with pytest.raises(KnowledgeError, match=r"t\.typ, line 2: unknown variable: nadie"):
        render.compile_pdf(printed(), str(COMPANY.logo), str(template))


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG"])
def test_a_logo_may_be_a_picture(tmp_path: Path, picture_format: str) -> None:
    logo = tmp_path / "logo"
    Image.new("RGB", (400, 100), "navy").save(logo, picture_format)
    assert render.compile_pdf(printed(), str(logo))[1:] == (True, "", None)


def test_a_company_may_bring_its_own_template_and_change_it(tmp_path: Path) -> None:
    template = tmp_path / "mía.typ"
    head = '#let d = json(bytes(sys.inputs.data))\n#set document(title: "x")\n'
    for word in ("primera", "segunda"):
        template.write_text(f"{head}{word} #d.number", encoding="utf-8")
        assert pages(render.compile_pdf(printed(), None, str(template))[0])[0] == f"{word} Q-2026-0001"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("= Hola\n\n#let x = (", r"mía\.typ, line 3: unclosed delimiter"),
        ("\n#nadie", r"mía\.typ, line 2: unknown variable: nadie"),
        ('#import "otra.typ": x', r"mía\.typ, line 1: file not found"),
    ],
)
def test_a_fault_in_a_template_is_told_with_its_line(tmp_path: Path, source: str, fault: str) -> None:
    template = tmp_path / "mía.typ"
    template.write_text(source, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=fault):
        render.compile_pdf(printed(), None, str(template))


def test_a_company_may_bring_fonts_of_its_own(tmp_path: Path) -> None:
    font: Any = ImageFont.load_default(10)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "own.ttf").write_bytes(font.path.getvalue())
    (tmp_path / "t.typ").write_text('#set document(title: "x")\n#set text(font: "Aileron")\nHola')
    document = render.compile_pdf(printed(), None, str(tmp_path / "t.typ"))
    assert document.archival
    assert b"Aileron" in document.pdf


def test_a_template_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="no such template"):
        render.compile_pdf(printed(), None, str(tmp_path / "nada.typ"))


def test_a_template_cannot_read_files_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "t.typ").write_text('#read("../secret.txt")')
    with pytest.raises(KnowledgeError, match=r"t\.typ, line 1") as refused:
        render.compile_pdf(printed(), None, str(folder / "t.typ"))
    assert "--root" not in str(refused.value)


def test_the_process_that_asks_never_loads_typst_nor_a_picture_library() -> None:
    code = (
        "import sys, json, datetime\n"
        "from mcp_tasks.quotation import company, document, presentation, render\n"
        "print(json.dumps([m for m in ('typst', 'pypdfium2', 'PIL') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=25)
    assert json.loads(done.stdout) == []


def test_the_picture_shows_the_first_page_of_many(tmp_path: Path) -> None:
    answer, _ = rendered(tmp_path, lines=[line()] * 120)
    assert answer["pages"] == 3
    with Image.open(io.BytesIO((tmp_path / "preview.png").read_bytes())) as picture:
        assert picture.size == (910, 1287)
    assert COMPANY.name in pages((tmp_path / "quotation.pdf").read_bytes())[0]
