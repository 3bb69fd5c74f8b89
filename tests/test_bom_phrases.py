"""What the text of a calculation tells: product, sums, what was assumed, what to beware of; in few characters."""

from typing import Any

import pytest

from mcp_tasks.phrases import PHRASES
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.settings import Language
from tests.quotation.asking import ROOF, ROOM, WALL, bom, codes, ordered

OPEN: dict[str, Any] = {"product_family": "ISODEC", "thickness_mm": 200, "usage": "techo", "length_m": 8, "width_m": 7}


def _said(bom: Bom, language: Language = "es") -> list[str]:
    return PHRASES[language].bom(bom.model_dump(mode="json")).splitlines()


def test_a_calculation_is_told_by_its_product_its_sums_and_what_it_assumed() -> None:
    assert _said(bom(OPEN)) == [
        "Techo ISODEC EPS 200 mm: 7 paneles, 62,72 m². Neto US$ 3.784,58 + IVA US$ 832,61 = total US$ 4.617,19.",
        (
            "Provisional, porque se supuso: Estructura: metal. Luz entre apoyos: 9,1 m, la máxima del panel. "
            "Borde superior sin perfil de terminación."
        ),
        (
            "Atención: No se indicó la luz entre apoyos: se calculó con la máxima del panel, 9,1 m. "
            "No se indicó la terminación del borde superior: no se incluyó babeta, gotero superior ni cumbrera."
        ),
        (
            "Para preguntar al cliente: ¿Cuál es la distancia entre apoyos (luz), en metros? "
            "¿La estructura es de metal, hormigón o madera? "
            "¿Cómo termina el borde superior: babeta de adosar, babeta de empotrar, cumbrera o nada? "
            "¿A qué localidad se envía? El total no incluye flete (orientativo en USD: Montevideo 280, Maldonado 320, "
            "interior 350)."
        ),
        "Precios de la lista bmc-2026-08, del 15/08/2026. Tiene 100 días: hay que confirmar los precios.",
    ]


def test_it_is_told_in_english_with_english_figures() -> None:
    said = _said(bom(OPEN, length_m=12, top_edge="none"), "en")

    assert said[:2] == [
        "Roof ISODEC EPS 200 mm: 7 panels, 94.08 m². Net US$ 5,612.42 + VAT US$ 1,234.73 = total US$ 6,847.15.",
        (
            "Provisional, because this was assumed: Structure: metal. "
            "Distance between supports: 9.1 m, the longest that the panel carries."
        ),
    ]
    assert said[2].startswith(
        "Beware: The panels of 12 m are longer than the span they carry, 9.1 m: they need supports"
    )
    assert "How far apart are the supports" in said[3]
    assert said[-1] == (
        "Prices of the list bmc-2026-08, of 15 Aug 2026. It is 100 days old: the prices have to be confirmed."
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"span_m": None}, "No span between supports was given: the longest that the panel carries was taken, 9.1 m."),
        ({"span_m": 9}, "The span of 9 m is more than 85"),
        ({"span_m": 9, "length_m": "3.6"}, "The span of 9 m is longer than the panel, 3.6 m"),
        (
            {"length_m": None, "width_m": None, "panel_groups": [{"quantity": 1, "length_m": n} for n in (3, 4)]},
            "The panels have 2 lengths, from 3 m to 4 m: the profiles follow the outline of the longest",
        ),
        ({"roof_type": "2_aguas", "quantity_panels": 9}, "9 panels cannot be shared equally by 2 slopes"),
        ({"top_edge": None}, "Nothing was said about the upper edge"),
        ({"core_type": "PIR", "thickness_mm": 50}, "ISDPIR50: this thickness is not recommended."),
    ],
)
def test_a_warning_that_no_document_prints_is_told_in_english_too(changed: dict[str, Any], sentence: str) -> None:
    fields = {"thickness_mm": 200} | changed

    assert sentence in "\n".join(_said(bom(ROOF, **fields), "en"))


def test_a_list_of_the_last_days_need_not_be_confirmed() -> None:
    fresh = bom(ROOF)
    fresh = fresh.model_copy(update={"price_list": fresh.price_list.model_copy(update={"stale": False})})

    assert _said(fresh)[1:] == ["Precios de la lista bmc-2026-08, del 15/08/2026."]


def test_every_part_and_every_option_is_a_line() -> None:
    assert _said(ordered(ROOF, WALL, accessories=({"sku": "6828", "quantity": 2},)))[:4] == [
        "Pedido de 3 partes: 37 paneles, 132,95 m². Neto US$ 7.183,66 + IVA US$ 1.580,41 = total US$ 8.764,07.",
        "1. Techo ISODEC EPS 100 mm: 10 paneles, 56,00 m²; materiales US$ 2.849,32.",
        "2. Fachada ISOPANEL EPS 100 mm: 27 paneles, 76,95 m²; materiales US$ 4.303,78.",
        "3. Accesorios; materiales US$ 30,56.",
    ]
    assert _said(ordered(ROOF | {"compare_thicknesses": [150, 200]}))[1:3] == [
        "ISODEC EPS 100 mm: 10 paneles, 56,00 m², 3 apoyos; total US$ 3.476,17, IVA incluido.",
        "ISODEC EPS 150 mm: 10 paneles, 56,00 m², 3 apoyos; total US$ 3.903,61, IVA incluido.",
    ]


def test_four_warnings_are_told_the_gravest_first_and_the_others_counted() -> None:
    answer = bom(OPEN, length_m=18, roof_type="mariposa", colour="rojo")
    assert len(codes(answer)) > 4

    (warned,) = [line for line in _said(answer) if line.startswith("Atención: ")]

    assert warned.startswith("Atención: Los paneles de 18 m superan la luz máxima de 9,1 m: hacen falta apoyos")
    assert warned.endswith(f"Y {len(codes(answer)) - 4} más en el resultado.")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("parts", [1, 2, 7, 20])
def test_the_text_stays_short_however_much_there_is_to_say(parts: int, language: Language) -> None:
    worst = OPEN | {"length_m": 18, "quantity_panels": 5, "roof_type": "mariposa", "colour": "rojo"}
    requests = [worst, ROOM | {"structure": "hormigon", "height_m": None}, *[WALL | {"structure": None}] * 20]
    text = PHRASES[language].bom(ordered(*requests[:parts]).model_dump(mode="json"))

    assert len(text) <= 1_200
    assert text.count("US$") >= 3
