"""How the page is laid out. Sizes are those of the design: comments 8.1 pt or smaller, tables always 8.6 pt."""

from typing import Any

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
import pypdfium2.raw as pdfium  # pyright: ignore[reportMissingTypeStubs]
import pytest

from mcp_tasks.quotation import render
from mcp_tasks.quotation.presentation import presentation
from tests.quotation.quotations import COMPANY, DAY, ink, line, lines, pages, pdf, quotation

SECTIONS = ("PANELES", "ACCESORIOS", "FIJACIONES Y SELLADORES")
COLUMNS = "Producto Unid. Cant. Precio US$ Total US$"
OWN_COMMENTS = [{"text": f"Comentario número {n}."} for n in range(6)]


def found(document: bytes, words: str) -> tuple[int, float]:
    """The page (from 1) on which `words` begin, and their size in points."""
    reader: Any = pypdfium2.PdfDocument(document)
    raw: Any = pdfium
    for number, page in enumerate(reader, start=1):
        text = page.get_textpage()
        if place := text.search(words).get_next():
            return number, round(raw.FPDFText_GetFontSize(text.raw, place[0]), 1)
    raise AssertionError(f"{words!r} is on no page")


@pytest.mark.parametrize("counts", [(1, 4, 7), (3, 10, 15)])
def test_twelve_and_twenty_eight_lines_fit_on_one_page(counts: tuple[int, int, int]) -> None:
    client = {"name": "Ana", "address": "Calle 1", "phone": "099", "email": "a@example.com", "tax_id": "0"}
    document = pdf(lines=lines(*counts), client=client, span_m=6, supports=3, shipping_usd=280, discount_pct=5)
    assert len(pages(document)) == 1


def test_comments_shrink_to_stay_on_the_page_and_return_to_full_size_on_the_next() -> None:
    laid_out = [pdf(lines=lines(1, 5, n), comments=OWN_COMMENTS, shipping_usd=280) for n in range(14, 26)]
    sizes = [found(document, "Comentario número 3") for document in laid_out]
    on_first = [size for page, size in sizes if page == 1]
    assert on_first == sorted(on_first, reverse=True)
    assert set(on_first) <= {8.1, 7.6, 7.2, 6.8}
    assert max(on_first) == 8.1 > min(on_first)
    assert {place for place in sizes if place[0] == 2} == {(2, 8.1)}


def test_tables_never_shrink() -> None:
    for count in (12, 20, 28):
        document = pdf(lines=lines(1, 5, count), comments=OWN_COMMENTS)
        assert found(document, "Varilla roscada")[1] == 8.6
        assert found(document, "Caja de ahorro")[1] == 8.4


def test_no_section_title_is_left_alone_at_the_bottom_of_a_page() -> None:
    for count in range(45, 54):
        text = pages(pdf(lines=lines(1, count, 8)))
        rows = text[0].split("\nN.º Q-2026-0001")[0].strip().splitlines()
        assert rows[-1] not in SECTIONS
        assert rows[-1] != COLUMNS


def test_no_title_of_a_part_is_left_alone_and_both_titles_are_repeated() -> None:
    for count in range(42, 54):
        first, *rest = pages(pdf(lines=[line(part="Techo")] * count + [line(part="Fachada", name="Esquinero")] * 60))
        rows = first.split("\nN.º Q-2026-0001")[0].strip().splitlines()
        assert rows[-1] not in {"Techo", "Fachada", *SECTIONS}
        for page in rest:
            if "Esquinero" in page:
                assert f"{COLUMNS}\nFachada\nACCESORIOS\nEsquinero" in page or "Subtotal Techo" in page


def test_the_header_and_the_section_are_repeated_on_every_page_that_the_table_reaches() -> None:
    text = pages(pdf(lines=lines(30, 170, 300)))
    assert all(page.count(COLUMNS) == 1 for page in text)
    assert "\nFIJACIONES Y SELLADORES\n" in text[-1]
    assert [f"Página {n} de {len(text)}" in page for n, page in enumerate(text, start=1)] == [True] * len(text)
    assert all("COTIZACIÓN Q-2026-0001" in page for page in text[1:])


def test_five_hundred_lines_are_all_printed() -> None:
    names = [f"Pieza {n:03} de la lista" for n in range(500)]
    text = "".join(pages(pdf(lines=[line(name=name) for name in names])))
    assert [name for name in names if text.count(name) != 1] == []


def test_totals_comments_and_bank_are_never_torn() -> None:
    for count in range(30, 60, 4):
        document = pdf(lines=lines(1, 5, count), shipping_usd=280, discount_pct=5)
        for block in (("Subtotal materiales", "TOTAL US$"), ("COMENTARIOS", "No incluye", "Caja de ahorro", "Lea los")):
            assert [all(words in page for words in block) for page in pages(document)].count(True) == 1


def test_no_row_is_torn_between_pages() -> None:
    name = " ".join(f"{n:02}-palabra" for n in range(27))
    for count in range(40, 50):
        document = pages(pdf(lines=[*lines(1, count, 0), line(name=name), *lines(0, 0, 30)]))
        assert [("00-palabra" in page, "26-palabra" in page) for page in document].count((True, True)) == 1


@pytest.mark.parametrize("tail", [1, 2, 9])
def test_the_totals_never_begin_a_page_without_the_last_rows(tail: int) -> None:
    last = f"{tail - 1:02} Varilla unidad 11 3,81 41,91"
    for count in range(34, 54):
        fixings = [line("fijaciones", name=f"{n:02} Varilla") for n in range(tail)]
        totals = next(page for page in pages(pdf(lines=[*lines(1, count - tail, 0), *fixings])) if "TOTAL US$" in page)
        assert last in totals
        assert tail < 3 or f"{tail - 3:02} Varilla" in totals


def test_the_totals_of_parts_stay_with_the_last_subtotal() -> None:
    for count in range(30, 50):
        document = pages(pdf(lines=[line(part="Techo")] * count + [line(part="Fachada", name="Esquinero")] * 2))
        totals = next(page for page in document if "TOTAL US$" in page)
        assert totals.index("Esquinero") < totals.index("Subtotal Fachada") < totals.index("TOTAL US$")


def test_more_comments_than_a_page_holds_run_over_pages() -> None:
    comments = [{"text": f"{n:02} " + "palabra " * 70} for n in range(30)]
    text = "".join(pages(pdf(comments=comments)))
    assert all(f"{n:02} palabra" in text for n in range(30))


@pytest.mark.parametrize("word", ["M" * 290, "palabra " * 36, "a/b.c_" * 48])
def test_long_texts_wrap_inside_their_column_and_stay_copyable(word: str) -> None:
    document = pdf(
        client={"name": word, "address": word, "email": word[:200], "phone": word[:60]},
        title=word[:200],
        lines=[line(name=word, unit=word[:20], quantity="10000000", unit_price="1000000")],
        comments=[{"text": word}],
    )
    assert all(left > 11.5 and right < 198.5 for left, right in ink(document))
    assert "".join("".join(pages(document)).split()).count("".join(word.split())) == 4


def test_a_number_of_wide_letters_stays_in_its_corner() -> None:
    document = render.compile_pdf(presentation(quotation(), COMPANY, "9" * 40, DAY)).pdf
    reader: Any = pypdfium2.PdfDocument(document)
    text = reader[0].get_textpage()
    place, _ = text.search("9" * 12).get_next()
    lefts = [text.get_charbox(at)[0] / 72 * 25.4 for at in range(place, place + 12)]
    assert min(lefts) > 210 - 12 - 50


@pytest.mark.parametrize("name", ["W" * 24, "W" * 19, "W" * 200, "WW " * 60])
def test_the_name_of_an_option_does_not_run_into_its_numbers(name: str) -> None:
    options = [line("paneles", part=name, name=f"{name} \N{EN DASH} 3 p."), line("paneles", part="Otra")]
    ((left, right),) = ink(pdf(lines=options, alternatives=True), letter="W")
    assert left > 11.5
    assert right < 85


def test_a_name_of_three_hundred_characters_does_not_run_into_the_numbers() -> None:
    row = next(
        text for text in pages(pdf(lines=[line(name="M" * 300, quantity=7, unit_price=3)]))[0].split("ACCESORIOS\n")[1:]
    )
    assert row.split("pieza")[1].startswith(" 7 3,00 21,00")
