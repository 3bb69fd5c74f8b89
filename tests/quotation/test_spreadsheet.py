import csv
import io
from decimal import Decimal
from typing import Any

import openpyxl  # pyright: ignore[reportMissingTypeStubs, reportMissingModuleSource]
import pytest

from mcp_tasks.quotation.bom import Bom, BomOption, BomPart
from mcp_tasks.quotation.spreadsheet import csv_bytes, xlsx_bytes
from tests.quotation.asking import ROOF, bom

LISTED = ["Sección", "SKU", "Producto", "Cantidad", "Unidad", "Precio unitario US$", "Total US$", "Cálculo"]


def blocks(bill: Bom) -> list[list[list[str]]]:
    """The CSV as a Spanish Excel reads it: its blocks, their rows, the cells."""
    content = csv_bytes(bill)
    assert content.startswith(b"\xef\xbb\xbf")
    read: list[list[list[str]]] = [[]]
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"):
        if row:
            read[-1].append(row)
        else:
            read.append([])
    return read


def workbook(bill: Bom) -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(bill)))


def cells(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def part(number: int, title: str, **changes: Any) -> BomPart:
    measures: dict[str, Any] = dict.fromkeys(BomPart.model_fields)
    known = {"part": number, "title": title, "system": "s", "panel_count": 10, "materials": "100.5"}
    return BomPart.model_validate(measures | known | {"project_area_m2": 55, "panel_area_m2": 56} | changes)


def option(thickness_mm: int, bill: Bom, **changes: Any) -> BomOption:
    values: dict[str, Any] = dict.fromkeys(BomOption.model_fields)
    values |= {"thickness_mm": thickness_mm, "sku": f"ISDEC{thickness_mm}", "name_es": f"ISODEC EPS {thickness_mm} mm"}
    values |= {"panel_count": 10, "panel_area_m2": 56, "panels": "2304.40", "accessories": "147.96", "fixings": 397}
    values |= {"totals": bill.totals, "missing_prices": (), "warnings": (), "span_ok": True, "max_span_m": "5.5"}
    return BomOption.model_validate(values | changes)


def test_the_csv_opens_right_in_a_spanish_excel() -> None:
    head, panels, *_ = blocks(bom(ROOF))[0]
    assert head == LISTED
    assert panels[:7] == ["Paneles", "ISDEC100", "ISODEC EPS 100 mm", "56,00", "m²", "41,15", "2304,40"]
    assert csv_bytes(bom(ROOF)).count(b"\r\n") == csv_bytes(bom(ROOF)).count(b"\n")


def test_every_line_of_the_bill_is_in_both_with_its_numbers_as_numbers() -> None:
    bill = bom(ROOF, discount_pct=5, shipping_usd=300)
    rows = cells(workbook(bill)["Materiales"])
    assert rows[0] == LISTED
    for line, row, text in zip(bill.lines, rows[1:], blocks(bill)[0][1:], strict=False):
        assert (row[1], row[2]) == (line.sku, line.name_es) == (text[1], text[2])
        for at, amount in ((3, line.quantity), (5, line.unit_price), (6, line.total)):
            assert isinstance(row[at], int | float)
            assert amount == Decimal(str(row[at])) == Decimal(text[at].replace(",", "."))


@pytest.mark.parametrize("price_list", ["bmc-2026-02", "bmc-2026-08"])
def test_the_sums_below_the_lines_are_those_of_the_bill(price_list: str) -> None:
    bill = bom(ROOF, discount_pct=5, shipping_usd=300, price_list=price_list)
    sums = {row[2]: Decimal(str(row[6])) for row in cells(workbook(bill)["Materiales"])[len(bill.lines) + 1 :]}
    totals = bill.totals
    taxed = "con" if totals.prices_include_tax else "sin"
    materials, discount, shipping, *rest = sums.values()
    assert list(sums)[:3] == [f"Materiales, {taxed} IVA", "Descuento", "Traslado"]
    assert (materials, discount, shipping) == (totals.materials, -totals.discount, totals.shipping)
    assert sums["TOTAL"] == totals.total
    assert sorted(rest) == sorted([totals.net, totals.vat, totals.total])


def test_what_has_no_price_is_left_empty_and_named_in_the_notes() -> None:
    bill = bom(ROOF)
    unpriced = bill.lines[1].model_copy(update={"unit_price": None, "total": None, "sku": None})
    bill = bill.model_copy(update={"lines": (bill.lines[0], unpriced), "missing_prices": (unpriced.kind,)})
    assert cells(workbook(bill)["Materiales"])[2][5:7] == [None, None]
    assert blocks(bill)[0][2][5:7] == ["", ""]
    assert ["Sin precio", f"{unpriced.kind}: no está en el total"] in cells(workbook(bill)["Notas"])


def test_the_notes_say_what_the_bill_rests_on() -> None:
    bill = bom(ROOF, structure=None, span_m=None)
    said = [row[1] for row in cells(workbook(bill)["Notas"])]
    assert "bmc-2026-08 del 15/08/2026, vencida" in said
    for text in (bill.notice, *(w.text for w in bill.warnings), *(a.text for a in bill.assumptions)):
        assert text in said
    assert [row[1] for row in blocks(bill)[-1][1:]] == said


def test_parts_and_options_have_sheets_of_their_own_and_lines_name_their_part() -> None:
    bill = bom(ROOF)
    lines = tuple(line.model_copy(update={"part": number}) for number, line in ((1, bill.lines[0]), (2, bill.lines[1])))
    options = (option(100, bill), option(150, bill, span_ok=None, missing_prices=("varilla", "silicona")))
    bill = bill.model_copy(
        update={"lines": lines, "parts": (part(1, "Techo"), part(2, "Fachada")), "comparison": options}
    )
    book = workbook(bill)
    assert book.sheetnames == ["Materiales", "Partes", "Comparación", "Notas"]
    assert [row[0] for row in cells(book["Materiales"])[:3]] == ["Parte", "1. Techo", "2. Fachada"]
    assert [row[:2] for row in cells(book["Partes"])[1:]] == [[1, "Techo"], [2, "Fachada"]]
    compared = [dict(zip(cells(book["Comparación"])[0], row, strict=True)) for row in cells(book["Comparación"])[1:]]
    assert cells(book["Notas"])[2][1] == "Son los de la primera de las opciones que se comparan, ISODEC EPS 100 mm"
    assert [row["Cubre la luz"] for row in compared] == ["sí", None]
    assert compared[1]["Sin precio"] == "varilla, silicona"
    assert Decimal(str(compared[0]["Total con IVA US$"])) == bill.totals.total
    assert [block[0][0] for block in blocks(bill)] == ["Parte", "Partes", "Comparación", "Notas"]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=1;"x"', "=1\n2"]
)
def test_a_text_that_begins_like_a_formula_stays_a_text(text: str) -> None:
    bill = bom(ROOF)
    bill = bill.model_copy(update={"lines": (bill.lines[0].model_copy(update={"name_es": text, "formula": text}),)})
    row = workbook(bill)["Materiales"][2]
    assert [(cell.data_type, cell.hyperlink) for cell in (row[2], row[7])] == [("s", None)] * 2
    shown = " ".join(text.split())
    assert row[2].value == shown
    assert blocks(bill)[0][1][2] == f"'{shown}"


def test_negative_amounts_are_numbers_not_texts_made_safe() -> None:
    discount = next(row for row in blocks(bom(ROOF, discount_pct=5))[0] if row[2] == "Descuento")
    assert discount[6] == "-142,47"


def test_the_header_stays_in_view_and_is_printed_on_each_page() -> None:
    sheet = workbook(bom(ROOF))["Materiales"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert sheet.auto_filter.ref == f"A1:H{len(bom(ROOF).lines) + 1}"
    assert sheet["G2"].number_format == "#,##0.00##"
    assert sheet["D4"].number_format == "#,##0"


def test_equal_bills_give_equal_bytes() -> None:
    assert xlsx_bytes(bom(ROOF)) == xlsx_bytes(bom(ROOF))
    assert csv_bytes(bom(ROOF)) == csv_bytes(bom(ROOF))
    assert xlsx_bytes(bom(ROOF)) != xlsx_bytes(bom(ROOF, discount_pct=1))
