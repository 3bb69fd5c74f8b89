from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_tasks.quotation.bom import Totals
from mcp_tasks.quotation.document import Client, Language, Quotation, QuotationLine, quotation_from_bom
from mcp_tasks.quotation.totals import totals_of
from tests.quotation.asking import ROOF, ROOM, WALL, bom, ordered

LANGUAGES: tuple[Language, ...] = ("es", "en")
MM = (50, 100, 150, 200, 250)
ANA = Client(name="Ana Ejemplo")


def texts(quotation: Quotation) -> list[tuple[str, str]]:
    return [(comment.style, comment.text) for comment in quotation.comments or ()]


@pytest.mark.parametrize("request_", [ROOF, WALL, ROOM])
@pytest.mark.parametrize("discount", [0, 5, "7.5", "33.333", 100])
@pytest.mark.parametrize("price_list", ["bmc-2026-02", "bmc-2026-08"])
def test_the_quotation_comes_to_the_same_totals_as_the_bill(
    request_: dict[str, Any], discount: str, price_list: str
) -> None:
    bill = bom(request_, discount_pct=discount, shipping_usd=280, price_list=price_list)
    quoted = quotation_from_bom(bill, ANA)
    materials = sum((line.amount for line in quoted.lines), Decimal(0))
    discount_pct, shipping = quoted.discount_pct or Decimal(0), quoted.shipping_usd or Decimal(0)
    assert totals_of(materials, discount_pct, shipping, quoted.prices_include_tax) == bill.totals
    assert quoted.discount_pct == (Decimal(discount) or None)


def test_panel_lines_say_how_many_panels_of_which_length() -> None:
    panels = quotation_from_bom(bom(ROOF), ANA).lines[0]
    assert panels.section == "paneles"
    assert panels.name == "ISODEC EPS 100 mm \N{EN DASH} 10 p. de 5,00 m"


def test_the_line_of_a_cold_room_says_the_lengths_of_walls_and_ceiling() -> None:
    bill = bom(ROOM, length_m=6, width_m=4, height_m="2.8")
    names = {language: quotation_from_bom(bill, ANA, language=language).lines[0].name for language in LANGUAGES}
    dash = "\N{EN DASH}"
    assert names == {
        "es": f"ISOFRIG PIR 100 mm {dash} 19 p. de 2,80 m + 4 p. de 6,00 m",
        "en": f"ISOFRIG PIR 100 mm {dash} 19 panels of 2.80 m + 4 of 6.00 m",
    }


def test_profiles_are_accessories_and_what_is_counted_or_squeezed_is_a_fixing() -> None:
    sections = {line.name.split()[0]: line.section for line in quotation_from_bom(bom(ROOF), ANA).lines}
    assert sections["Gotero"] == "accesorios"
    assert {sections[name] for name in ("Varilla", "Tuerca", "Silicona", "Cinta", "Tornillo")} == {"fijaciones"}


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        (ROOF, "Techo ISODEC EPS 100 mm"),
        (WALL, "Fachada ISOPANEL EPS 100 mm"),
        (ROOM, "Cámara frigorífica ISOFRIG PIR 100 mm"),
    ],
)
def test_the_title_says_what_is_built_unless_one_is_given(request_: dict[str, Any], title: str) -> None:
    assert quotation_from_bom(bom(request_), ANA).title == title
    assert quotation_from_bom(bom(request_), ANA, title="Galpón").title == "Galpón"


def test_a_roof_carries_the_span_of_its_panel_and_its_supports_a_wall_neither() -> None:
    roof, wall = quotation_from_bom(bom(ROOF), ANA), quotation_from_bom(bom(WALL), ANA)
    assert (roof.span_m, roof.supports) == (Decimal("5.5"), 3)
    assert (wall.span_m, wall.supports) == (None, None)


def test_freight_that_was_not_asked_for_stays_out() -> None:
    assert quotation_from_bom(bom(ROOF, shipping_usd=None), ANA).shipping_usd is None
    assert quotation_from_bom(bom(ROOF, shipping_usd=0), ANA).shipping_usd == 0  # free, which is not left out
    assert quotation_from_bom(bom(ROOF, shipping_usd=320), ANA).shipping_usd == 320


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_about_the_engineer_is_on_every_quotation_of_something_that_is_built(language: Language) -> None:
    accessories = {"quantity": 2, "sku": "6838"}
    built, together, alone = (
        texts(quotation_from_bom(bill, ANA, language=language))
        for bill in (bom(ROOF), ordered(ROOF, accessories=(accessories,)), ordered(accessories=(accessories,)))
    )
    assert built == together
    assert [("engineer" in text or "ingeniero" in text) for _, text in built] == [True]
    assert alone == []


def test_the_client_reads_of_a_span_that_is_too_long_and_of_what_was_assumed() -> None:
    bill = bom(ROOF, span_m=6, length_m=6, structure=None)
    comments = texts(quotation_from_bom(bill, ANA))
    assert ("normal", "Supuestos del cálculo: Estructura: metal.") in comments
    warned = next(warning.text for warning in bill.warnings if warning.code == "span_exceeds_max")
    assert ("bold_red", warned) in comments


def test_a_line_without_a_price_is_named_as_not_in_the_total() -> None:
    bill = bom(ROOF)
    unpriced = bill.lines[1].model_copy(update={"sku": None, "unit_price": None, "total": None, "name_es": "Gotero X"})
    quoted = quotation_from_bom(bill.model_copy(update={"lines": (bill.lines[0], unpriced)}), ANA)
    assert len(quoted.lines) == 1
    assert ("bold_red", "Sin precio, no está en el total: Gotero X (4 pieza).") in texts(quoted)


def test_a_very_large_job_can_be_quoted() -> None:
    bill = bom(WALL, quantity_panels=10_000, length_m=14)
    assert quotation_from_bom(bill, ANA).lines[0].quantity == bill.panel_area_m2


def _priced(line: QuotationLine) -> tuple[str, Decimal, Decimal]:
    return line.name, line.quantity, line.amount


def test_each_line_of_several_parts_stands_under_the_title_of_its_part() -> None:
    bill = ordered(ROOF, WALL, accessories=({"quantity": 12, "sku": "6838"},))
    quoted = quotation_from_bom(bill, ANA)

    parts = ["Techo ISODEC EPS 100 mm", "Fachada ISOPANEL EPS 100 mm", "Accesorios"]
    assert list(dict.fromkeys(line.part for line in quoted.lines)) == parts
    roof = [line for line in quoted.lines if line.part == parts[0]]
    assert list(map(_priced, roof)) == list(map(_priced, quotation_from_bom(bom(ROOF), ANA).lines))
    assert (quoted.title, quoted.alternatives) == (" + ".join(parts), False)
    assert (quoted.span_m, quoted.supports) == (None, None)
    assert {line.part for line in quotation_from_bom(bom(ROOF), ANA).lines} == {None}


def test_a_title_has_as_many_parts_as_fit() -> None:
    kinds = [ROOF | {"thickness_mm": mm} for mm in (100, 150, 200, 250)] + [WALL | {"thickness_mm": mm} for mm in MM]
    title = quotation_from_bom(ordered(*kinds), ANA).title
    assert title is not None
    assert title.startswith("Techo ISODEC EPS 100 mm + Techo ISODEC EPS 150 mm")
    assert title.endswith(" + 2 más")
    assert len(title) <= 200


def test_thicknesses_that_are_compared_are_alternatives_with_a_line_for_each_section() -> None:
    bill = ordered(ROOF | {"thickness_mm": None, "compare_thicknesses": [150, 200]})
    quoted = quotation_from_bom(bill, ANA)

    assert (quoted.alternatives, quoted.title) == (True, "Techo ISODEC EPS: 150, 200 mm")
    assert (quoted.span_m, quoted.supports) == (None, None)
    dash = "\N{EN DASH}"
    options = [
        f"ISODEC EPS 150 mm {dash} luz máxima 7,50 m, 3 apoyos",
        f"ISODEC EPS 200 mm {dash} luz máxima 9,10 m, 3 apoyos",
    ]
    assert list(dict.fromkeys(line.part for line in quoted.lines)) == options
    for title, option in zip(options, bill.comparison, strict=True):
        assert [(line.section, *_priced(line)) for line in quoted.lines if line.part == title] == [
            ("paneles", f"{option.name_es} {dash} 10 p. de 5,00 m", Decimal("56.00"), option.panels),
            ("accesorios", "Accesorios", 1, option.accessories),
            ("fijaciones", "Fijaciones y selladores", 1, option.fixings),
        ]


def test_an_option_without_accessories_has_no_line_for_them() -> None:
    bill = ordered(ROOF | {"compare_thicknesses": [100, 150], "panels_only": True})

    assert {line.section for line in quotation_from_bom(bill, ANA).lines} == {"paneles"}


def test_the_client_reads_which_option_does_not_carry_the_span_and_what_was_assumed_for_each() -> None:
    roof = ROOF | {"compare_thicknesses": [100, 150], "span_m": 7, "length_m": 8}
    short = [text for style, text in texts(quotation_from_bom(ordered(roof), ANA)) if style == "bold_red"]
    (said,) = short
    assert said.startswith("ISODEC EPS 100 mm: La luz de 7 m supera la máxima del panel, 5,5 m.")

    unspanned = texts(quotation_from_bom(ordered(ROOF | {"compare_thicknesses": [100, 150], "span_m": None}), ANA))
    assert ("normal", "Supuestos del cálculo: Luz entre apoyos: la máxima del panel de cada opción.") in unspanned


def test_the_client_reads_of_every_option_that_needs_supports_in_between() -> None:
    bill = ordered(ROOF | {"compare_thicknesses": [100, 150, 250], "span_m": None, "length_m": 10})
    told = [text for style, text in texts(quotation_from_bom(bill, ANA)) if style == "bold_red"]

    assert told == [
        f"ISODEC EPS {mm} mm: Los paneles de 10 m superan la luz máxima de {most} m: hacen falta apoyos intermedios, "
        f"{supports} apoyos en total bajo los de 10 m."
        for mm, most, supports in ((100, "5,5", 3), (150, "7,5", 3))
    ]
    assert [[warning.code for warning in option.warnings] for option in bill.comparison] == [
        ["intermediate_supports_required"],
        ["intermediate_supports_required"],
        [],
    ]
    assert all(text in [warning.text for warning in bill.warnings] for text in told)


def test_what_holds_for_every_option_is_said_once_and_names_none() -> None:
    bill = ordered(ROOF | {"compare_thicknesses": [100, 150], "length_m": 16})

    told = [text for style, text in texts(quotation_from_bom(bill, ANA)) if style == "bold_red"]
    assert told == ["El largo de 16 m supera el máximo que se fabrica, 14 m."]


groups = st.lists(
    st.fixed_dictionaries(
        {"quantity": st.integers(1, 40), "length_m": st.decimals(min_value="2.3", max_value=14, places=2)}
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    groups=groups,
    thicknesses=st.lists(st.sampled_from([100, 150, 200, 250]), min_size=2, max_size=4, unique=True),
    discount=st.decimals(min_value=0, max_value=100, places=3),
    shipping=st.decimals(min_value=0, max_value=900, places=2),
    price_list=st.sampled_from(["bmc-2026-02", "bmc-2026-08"]),
)
def test_every_option_and_every_order_of_parts_comes_to_the_same_totals_as_its_bill(
    groups: list[dict[str, Any]], thicknesses: list[int], discount: Decimal, shipping: Decimal, price_list: str
) -> None:
    terms: dict[str, Any] = {"discount_pct": discount, "shipping_usd": shipping, "price_list": price_list}
    roof = ROOF | {"length_m": None, "width_m": None, "shipping_usd": None, "panel_groups": groups}
    compared = ordered(roof | {"thickness_mm": None, "compare_thicknesses": thicknesses}, **terms)
    quoted = quotation_from_bom(compared, ANA)
    titles = list(dict.fromkeys(line.part for line in quoted.lines))
    for title, option in zip(titles, compared.comparison, strict=True):
        assert _totals(quoted, [line for line in quoted.lines if line.part == title]) == option.totals

    parts = ordered(roof, WALL | {"shipping_usd": None}, accessories=({"quantity": 3, "sku": "6838"},), **terms)
    assert _totals(quotation_from_bom(parts, ANA)) == parts.totals


def _totals(quoted: Quotation, lines: Sequence[QuotationLine] | None = None) -> Totals:
    """What these lines of a quotation come to, or all."""
    materials = sum((line.amount for line in lines or quoted.lines), Decimal(0))
    discount, shipping = quoted.discount_pct or Decimal(0), quoted.shipping_usd or Decimal(0)
    return totals_of(materials, discount, shipping, quoted.prices_include_tax)


def test_what_the_client_has_to_know_of_many_parts_fits_into_the_comments() -> None:
    too_long = ROOF | {"span_m": 9, "length_m": 12, "structure": None}
    bill = ordered(*[too_long] * 20)
    comments = texts(quotation_from_bom(bill, ANA))

    assert len(comments) <= 30
    said = " ".join(text for _, text in comments)
    assert all(f"({n}): La luz de 9 m supera" in said for n in range(2, 21))
    assert comments[-1] == ("normal", bill.notice)


def test_a_very_large_comparison_can_be_quoted() -> None:
    bill = ordered(
        ROOF | {"compare_thicknesses": [100, 250], "quantity_panels": 10_000, "length_m": 14, "width_m": None}
    )

    assert quotation_from_bom(bill, ANA).alternatives
