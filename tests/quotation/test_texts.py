import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation.presentation import presentation
from mcp_tasks.quotation.spanish import SPANISH
from mcp_tasks.quotation.texts import PACKAGED, Texts
from tests.quotation.quotations import COMPANY, DAY, line, pages, pdf, printed, quotation

ENGLISH = Texts.load("en").numbers


def keys() -> Iterator[tuple[str, str]]:
    """The group and the name of each text."""
    for group, texts in spanish().items():
        yield from ((group, name) for name in texts)


def spanish() -> dict[str, Any]:
    return json.loads((PACKAGED / "es.json").read_text(encoding="utf-8"))


def loaded(folder: Path, texts: dict[str, Any]) -> Texts:
    (folder / "es.json").write_text(json.dumps(texts), encoding="utf-8")
    return Texts.load("es", folder)


def put(texts: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        texts = texts[name]
    if value is None:
        del texts[path[-1]]
    else:
        texts[path[-1]] = value


def test_calculations_and_documents_write_spanish_numbers_alike() -> None:
    assert Texts.load("es").numbers == SPANISH


@pytest.mark.parametrize("path", [*keys()], ids=".".join)
def test_a_missing_text_is_told_with_file_and_key(tmp_path: Path, path: tuple[str, ...]) -> None:
    texts = spanish()
    put(texts, path, None)
    with pytest.raises(KnowledgeError) as caught:
        loaded(tmp_path, texts)
    assert str(caught.value) == f"{tmp_path / 'es.json'}: {'.'.join(path)}: Field required"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (("page", "revision"), "Revisión", r"page\.revision: the placeholder \{revision\} is missing"),
        (("page", "title"), "COTIZACIÓN {number}", r"page\.title: unknown placeholder \{number\}; none is known here"),
        (("totals", "vat"), "IVA {rate}", r"totals\.vat: unknown placeholder \{rate\}; known are percent"),
        (("numbers", "money"), "US$", r"numbers\.money: the placeholder \{amount\} is missing"),
        (("numbers", "decimal_mark"), "..", r"numbers\.decimal_mark: String should have at most 1 character"),
        (("numbers", "decimal_mark"), "5", r"numbers\.decimal_mark: a digit cannot be told from those of the number"),
        (("numbers", "decimal_mark"), ".", r"numbers: decimal_mark and thousands_mark are both '\.'"),
        (("numbers", "months"), ["ene"], r"numbers\.months: Tuple should have at least 12 items"),
        (("bill", "parts"), "notas", r"bill: materials, parts, comparison and remarks .* must differ"),
        (("bill", "parts"), "Techo/pared", r"bill\.parts: String should match pattern"),
        (("totals", "total"), "  ", r"totals\.total: String should have at least 1 character"),
        (("totals", "totl"), "TOTAL", r"totals\.totl: Extra inputs are not permitted"),
    ],
)
def test_a_fault_in_a_text_is_told_with_its_place(
    tmp_path: Path, path: tuple[str, ...], text: object, said: str
) -> None:
    texts = spanish()
    put(texts, path, text)
    with pytest.raises(KnowledgeError, match=rf"es\.json: {said}"):
        loaded(tmp_path, texts)


def test_english_writes_numbers_and_dates_as_an_english_reader_expects() -> None:
    assert ENGLISH.dollars(Decimal("-1234567.5")) == "\N{MINUS SIGN}US$ 1,234,567.50"
    assert ENGLISH.percentage(Decimal("12.5")) == "12.5%"
    assert ENGLISH.quantity(Decimal(1000), "pieza") == "1,000"
    assert ENGLISH.length(Decimal("6.5")) == "6.50 m"
    assert ENGLISH.day(datetime.date(2026, 3, 5)) == "5 Mar 2026"


def test_a_language_without_marks_between_thousands_is_possible() -> None:
    assert SPANISH.model_copy(update={"thousands_mark": ""}).amount(Decimal("1234567.5")) == "1234567,50"


def test_an_english_quotation_is_english_but_for_what_people_and_products_are_called() -> None:
    text = pdf(
        language="en",
        client={"name": "Ana", "address": "Calle 1", "phone": "099", "email": "a@example.com", "tax_id": "0"},
        lines=[line("paneles"), line(part="Galpón"), line("fijaciones", part="Galpón", unit="rollo")],
        span_m=6,
        supports=3,
        shipping_usd=280,
        discount_pct=5,
        revision=2,
    )
    (page,) = pages(text)
    for words in (
        "QUOTATION\nNo.\nQ-2026-0001\nRevision 2",
        "Client Ana",
        "Date 23 Nov 2026 \N{EN DASH} Montevideo",
        "Valid until 3 Dec 2026",
        "Product Unit Qty Price US$ Total US$",
        "Other materials\nPANELS\n",
        "m² 104.16 41.15 4,286.18",
        "piece 4 27.33 109.32",
        "roll 11 3.81 41.91",
        "Subtotal Galpón 151.23",
        "Roof area 104.16 m²",
        "Discount 5% \N{MINUS SIGN}US$ 221.87",
        "Freight US$ 280.00",
        "Unit prices in US dollars, without VAT.",
        "A deposit of 60% is due with the order.",
        "Delivery in 10 to 15 days",
        "Page 1 of 1",
    ):
        assert words in page
    for said in ("COTIZACIÓN", "ACCESORIOS", "Seña", "Dirección", "Página", "Traslado", "Teléfono", "Autoportancia"):
        assert said not in page


def test_other_texts_are_printed_in_place_of_the_packaged_ones(tmp_path: Path) -> None:
    texts = spanish()
    put(texts, ("page", "title"), "PRESUPUESTO")
    put(texts, ("numbers", "date"), "{d} de {month} de {yyyy}")
    shown = presentation(quotation(), COMPANY, "Q-1", DAY, loaded(tmp_path, texts))
    assert shown["words"]["title"] == "PRESUPUESTO"
    assert shown["facts"][1]["value"] == "3 de dic de 2026"


def test_a_unit_that_is_not_of_the_trade_is_printed_as_it_is() -> None:
    for language, units in (("es", ["m²", "m²", "Pallet", "pomo"]), ("en", ["m²", "m²", "Pallet", "tube"])):
        lines = [line(unit=unit) for unit in ("m2", "M²", "Pallet", "Pomo")]
        part = printed(language=language, lines=lines)["offers"][0]["parts"][0]
        assert [row["unit"] for row in part["sections"][0]["rows"]] == units
