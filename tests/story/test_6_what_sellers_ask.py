"""What sellers ask in one sentence comes back right, priced and printable: each kind of request, through the tools.

The numbers are worked out by hand in the comments, with the formulas of the BOM specification: N panels, au useful
width (ISODEC 1.12 m, ISOROOF 1.00, ISOPANEL 1.14), L length, W width, H height. A bar of profile is 3.00 or 3.03 m
long, and each joint takes 0.05 m. Prices are those of the August list, without tax; VAT is 22 %.
"""

from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from mcp import Client
from mcp_types import BlobResourceContents

from tests.quotation.quotations import pages
from tests.server.serving import ask, in_this_process, text_of

pytestmark = pytest.mark.anyio

ISODEC: dict[str, Any] = {"product_family": "ISODEC", "core_type": "EPS", "usage": "techo"}
ISOPANEL: dict[str, Any] = {"product_family": "ISOPANEL", "usage": "pared", "thickness_mm": 100}
ANA = {"name": "Ana Ejemplo"}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """What is asked does not depend on the loop."""
    return "asyncio"


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Client]:
    """A seller's client, of a server that has the package's own prices."""
    async with in_this_process(tmp_path_factory.mktemp("server")) as client:
        yield client


async def _bom(client: Client, **arguments: Any) -> dict[str, Any]:
    view = await ask(client, "submit_bom", **arguments)
    assert view["status"] == "completed"
    return view["result"]


async def _pdf(client: Client, view: Mapping[str, Any]) -> str:
    """The text of a quotation, its pages one after the other."""
    uri = next(artifact["uri"] for artifact in view["artifacts"] if artifact["name"] == "quotation.pdf")
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, BlobResourceContents)
    return " ".join(" ".join(pages(b64decode(content.blob))).split())


def _quantities(bom: Mapping[str, Any]) -> dict[str, str]:
    return {line["kind"]: line["quantity"] for line in bom["lines"]}


def _sum(lines: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(line["total"]) for line in lines), Decimal(0))


async def test_7_panels_of_8_m_isodec_200_on_metal_complete(client: Client) -> None:
    request = ISODEC | {"thickness_mm": 200, "quantity_panels": 7, "length_m": 8, "structure": "metal"}
    bom = await _bom(client, request=request)

    # 7 x 1.12 x 8 = 62.72 m2, at 51.91 = 3,255.80. The panel carries 9.1 m: 2 supports, on the ends.
    # Points: ceil(2 x 7 x 2 + 2 x 8 / 2.5) = ceil(34.4) = 35; of a rod come floor(1 / (0.20 + 0.10)) = 3: 12 rods.
    # Front: 7.84 m and 2 joints = 7.94 / 3.03: 3 bars. Sides: 2 x (8 + 2 x 0.05) = 16.2 / 3: 6 bars.
    # Perimeter 2 x (7.84 + 8) = 31.68 m: 4 tubes of 8 m, 2 rolls of 22.5 m, ceil(31.68 / 0.3) = 106 screws.
    assert (bom["panel_area_m2"], bom["lines"][0]["total"]) == ("62.72", "3255.80")
    assert _quantities(bom) == {
        "panel": "62.72",
        "gotero_frontal": "3",
        "gotero_lateral": "6",
        "varilla": "12",
        "tuerca": "70",
        "arandela_carrocero": "35",
        "arandela_plana": "35",
        "tortuga_pvc": "35",
        "silicona": "4",
        "cinta_butilo": "2",
        "tornillo_t1": "106",
    }
    # 3,255.80 + 71.76 + 193.32 + 47.28 + 6.30 + 70.00 + 8.40 + 56.70 + 38.56 + 31.54 + 5.22 = 3,784.88; x 1.22
    assert (bom["totals"]["net"], bom["totals"]["total"]) == ("3784.88", "4617.55")


async def test_3_of_12_m_and_6_of_10_m_and_4_of_6_m_in_one_roof(client: Client) -> None:
    groups = [{"quantity": 3, "length_m": 12}, {"quantity": 6, "length_m": 10}, {"quantity": 4, "length_m": 6}]
    bom = await _bom(client, request=ISODEC | {"thickness_mm": 100, "panel_groups": groups})

    # 3 x 1.12 x 12 = 40.32, 6 x 1.12 x 10 = 67.20, 4 x 1.12 x 6 = 26.88 m2: 134.40, not 13 x 1.12 x 12 = 174.72.
    # At 41.15: 1,659.168, 2,765.28 and 1,106.112.
    panels = [line for line in bom["lines"] if line["kind"] == "panel"]
    assert [(line["panels"], line["length_m"], line["quantity"], line["total"]) for line in panels] == [
        (3, "12", "40.32", "1659.17"),
        (6, "10", "67.20", "2765.28"),
        (4, "6", "26.88", "1106.11"),
    ]
    # Supports every 5.5 m: 4, 3 and 3. Points: ceil(2 x (3 x 4 + 6 x 3 + 4 x 3) + 2 x 12 / 2.5) = ceil(93.6) = 94.
    assert (bom["panel_count"], bom["panel_area_m2"], bom["fixing_points"]) == (13, "134.40", 94)


async def test_isodec_100_for_a_roof_of_7_by_10(client: Client) -> None:
    bom = await _bom(client, request=ISODEC | {"thickness_mm": 100, "width_m": 7, "length_m": 10})

    # 7 / 1.12 = 6.25: 7 panels, 7 x 1.12 x 10 = 78.40 m2, at 41.15 = 3,226.16. Supports: ceil(10 / 5.5) + 1 = 3.
    # Points: ceil(2 x 7 x 3 + 2 x 10 / 2.5) = 50.
    assert (bom["panel_count"], bom["panel_area_m2"], bom["project_area_m2"]) == (7, "78.40", "70.00")
    assert (bom["lines"][0]["total"], bom["supports_per_panel"], bom["fixing_points"]) == ("3226.16", 3, 50)
    assert [question["field"] for question in bom["questions"]] == ["span_m", "structure", "top_edge", "shipping_usd"]


async def test_a_span_of_8_m_which_panel(client: Client) -> None:
    bom = await _bom(client, request=ISODEC | {"span_m": 8, "length_m": 8, "width_m": 10})

    # 100 carries 5.5 m, 150 carries 7.5 m, 200 carries 9.1 m: 200 it is, at 8 / 9.1 = 0.879 of what it carries.
    assert (bom["lines"][0]["sku"], bom["span"]["ok"], bom["span"]["ratio"]) == ("ISDEC200", True, "0.879")
    assert {"field": "thickness_mm", "value": "200"}.items() <= next(
        assumed for assumed in bom["assumptions"] if assumed["field"] == "thickness_mm"
    ).items()
    assert "span_near_max" in [warning["code"] for warning in bom["warnings"]]


async def test_three_options_of_13_panels_of_10_m_in_one_table(client: Client) -> None:
    request = ISODEC | {"compare_thicknesses": [150, 200, 250], "quantity_panels": 13, "length_m": 10}
    answer = await client.call_tool("submit_quotation", {"request": request, "client": ANA})

    # 13 x 1.12 x 10 = 145.60 m2, at 46.30, 51.91 and 57.05: 6,741.28, 7,558.096 and 8,306.48.
    # Supports: ceil(10 / 7.5) + 1 = 3, ceil(10 / 9.1) + 1 = 3, ceil(10 / 10.4) + 1 = 2.
    view = answer.structured_content
    assert view is not None
    bom = view["result"]["bom"]
    assert [
        (o["thickness_mm"], o["panel_area_m2"], o["panels"], o["supports_per_panel"], o["max_span_m"])
        for o in bom["comparison"]
    ] == [
        (150, "145.60", "6741.28", 3, "7.5"),
        (200, "145.60", "7558.10", 3, "9.1"),
        (250, "145.60", "8306.48", 2, "10.4"),
    ]
    # Each is the order of that thickness alone; the first is the bill itself.
    alone = [
        await _bom(client, request=ISODEC | {"thickness_mm": mm, "quantity_panels": 13, "length_m": 10})
        for mm in (150, 200, 250)
    ]
    assert [option["totals"] for option in bom["comparison"]] == [other["totals"] for other in alone]
    assert bom | {"comparison": [], "warnings": []} == alone[0] | {"warnings": []}
    # 7.5 and 9.1 m are less than the panels' 10: those two options need supports in between, and each says so.
    needed = "intermediate_supports_required"
    warned = {w["data"].get("option_mm"): w["text"] for w in bom["warnings"] if w["code"] == needed}
    assert list(warned) == [150, 200]
    printed = await _pdf(client, view)
    for option, total in zip(bom["comparison"], ("9.295,99", "10.355,12", "11.147,97"), strict=True):
        assert option["name_es"] in printed
        assert total in printed
        assert [w["code"] for w in option["warnings"]] == ([needed] if option["thickness_mm"] in warned else [])
        assert total in text_of(answer)


async def test_isoroof_50_22_panels_of_4_60_two_slopes_and_a_gutter_on_one_side(client: Client) -> None:
    request = {
        "product_family": "ISOROOF",
        "usage": "techo",
        "thickness_mm": 50,
        "quantity_panels": 22,
        "length_m": "4,60",
        "roof_type": "2 aguas",
        "eave": ["canalón", "gotero frontal"],
    }
    bom = await _bom(client, request=request)

    # 22 x 1.00 x 4.60 = 101.20 m2 at 47.94; 11 panels on each slope, so each eave is 11 m: with 3 joints 11.15 / 3.03,
    # 4 bars of gutter and 4 of drip edge. Gutter supports: 12 x 0.30 / 3 = 1.2: 2 bars. Ridge 11.15 / 3.00: 4 bars.
    # Saddles: 2 x (3 x 11 x 3 + 2 x (floor(4.6 / 2.5) + 1)) = 2 x (99 + 4) = 206.
    assert (bom["lines"][0]["quantity"], bom["lines"][0]["total"]) == ("101.20", "4851.53")
    bought = _quantities(bom)
    assert {kind: bought[kind] for kind in ("canalon", "soporte_canalon", "gotero_frontal", "cumbrera")} == {
        "canalon": "4",
        "soporte_canalon": "2",
        "gotero_frontal": "4",
        "cumbrera": "4",
    }
    assert bought["caballete"] == "206"


async def test_isopanel_100_walls_of_45_and_15_and_45_m_2_m_high(client: Client) -> None:
    bom = await _bom(client, request=ISOPANEL | {"wall_runs_m": [45, 15, 45], "length_m": 2})

    # 45 / 1.14 = 39.5 and 15 / 1.14 = 13.2: 40 + 14 + 40 = 94 panels, 94 x 1.14 x 2 = 214.32 m2, at 41.15 = 8,819.27.
    # U channel, base and top: 2 x (15 + 5 + 15) = 70 bars. Anchors: 94 x 1.14 / 0.30 = 357.2: 358.
    # T2 screws: 5.5 x 214.32 = 1,178.76: 1,179. Two rivets for each panel.
    assert (bom["panel_count"], bom["panel_area_m2"], bom["lines"][0]["total"]) == (94, "214.32", "8819.27")
    bought = _quantities(bom)
    assert {kind: bought[kind] for kind in ("perfil_u", "anclaje_h", "tornillo_t2", "remache_pop")} == {
        "perfil_u": "70",
        "anclaje_h": "358",
        "tornillo_t2": "1179",
        "remache_pop": "188",
    }
    assert [warning["code"] for warning in bom["warnings"]] == ["panel_shorter_than_min"]  # made from 2.30 m on


async def test_12_front_and_8_side_drip_edges_of_100_mm_and_the_freight(client: Client) -> None:
    goteros = [
        {"quantity": 12, "kind": "goteros frontales", "product_family": "isodec", "thickness_mm": "100"},
        {"quantity": 8, "kind": "Gotero lateral", "product_family": "isodec", "thickness_mm": "100"},
    ]
    view = await ask(client, "submit_quotation", accessories=goteros, shipping_usd=280, client=ANA)

    # 12 x 15.91 = 190.92 and 8 x 21.08 = 168.64: 359.56; with the freight 639.56, and 22 % of it 140.70.
    bom = view["result"]["bom"]
    assert [(line["sku"], line["quantity"], line["total"]) for line in bom["lines"]] == [
        ("6838", "12", "190.92"),
        ("6842", "8", "168.64"),
    ]
    assert (bom["totals"]["net"], bom["totals"]["vat"], bom["totals"]["total"]) == ("639.56", "140.70", "780.26")
    assert (bom["status"], bom["system"], bom["span"], bom["questions"]) == ("final", "accesorios", None, [])
    assert "US$ 780,26" in await _pdf(client, view)


async def test_a_room_of_4_5_by_8_5_with_heights_of_2_5_and_3_roof_and_walls_in_one_quotation(client: Client) -> None:
    # The slope runs across: 8.5 m wide, 4.5 m long. The high wall and both sides, which are cut, are 3 m: 8.5 / 1.14 =
    # 7.5 and 4.5 / 1.14 = 3.9, so 8 + 4 + 4 = 16 panels; the low wall has 8 of 2.5 m.
    roof = ISODEC | {"thickness_mm": 100, "length_m": "4,5", "width_m": "8,5", "span_m": "4,5", "top_edge": "none"}
    walls = ISOPANEL | {
        "panel_groups": [{"quantity": 16, "length_m": 3}, {"quantity": 8, "length_m": "2.5"}],
        "width_m": 26,
        "corners_ext": 4,
    }
    metal = {"structure": "metal"}
    view = await ask(client, "submit_quotation", requests=[roof | metal, walls | metal], shipping_usd=280, client=ANA)

    # Roof: 8.5 / 1.12 = 7.6: 8 panels, 8 x 1.12 x 4.5 = 40.32 m2. Walls: 16 x 1.14 x 3 = 54.72 and 8 x 1.14 x 2.5 =
    # 22.80, 77.52 m2. Together 32 panels, 117.84 m2. Weight: 12.5 kg/m2 both, 1,473.00 kg.
    bom = view["result"]["bom"]
    assert bom["system"] == "techo_isodec_eps + pared_isopanel_eps"
    assert (bom["panel_count"], bom["panel_area_m2"], bom["weight_kg"]) == (32, "117.84", "1473.00")
    assert [(part["part"], part["title"], part["panel_count"], part["panel_area_m2"]) for part in bom["parts"]] == [
        (1, "Techo ISODEC EPS 100 mm", 8, "40.32"),
        (2, "Fachada ISOPANEL EPS 100 mm", 24, "77.52"),
    ]
    alone = [await _bom(client, request=request | metal) for request in (roof, walls)]
    assert [part["materials"] for part in bom["parts"]] == [other["totals"]["materials"] for other in alone]
    assert Decimal(bom["totals"]["materials"]) == _sum(bom["lines"])
    # The freight is charged once: 280 more than both bills have, before tax.
    nets = [Decimal(other["totals"]["net"]) for other in alone]
    assert Decimal(bom["totals"]["net"]) == sum(nets) + 280
    printed = await _pdf(client, view)
    assert "Techo ISODEC EPS 100 mm" in printed
    assert "Fachada ISOPANEL EPS 100 mm" in printed


async def test_add_one_panel_to_the_earlier_quotation_and_send_it_again(client: Client) -> None:
    request = ISODEC | {"thickness_mm": 100, "quantity_panels": 7, "length_m": 8, "structure": "metal", "span_m": 4}
    first = await ask(client, "submit_quotation", request=request, client=ANA)
    number = first["result"]["quotation_id"]
    again = await ask(client, "submit_quotation", base_task_id=number, changes={"quantity_panels": 8})

    # 8 x 1.12 x 8 = 71.68 m2, at 41.15 = 2,949.63; 3 supports, so 2 x 3 points more than the 49 of 7 panels.
    bom = again["result"]["bom"]
    assert (bom["panel_count"], bom["lines"][0]["total"], bom["fixing_points"]) == (8, "2949.63", 55)
    assert again["result"]["quotation_id"] == number
    printed = await _pdf(client, again)
    assert number in printed
    assert "Ana Ejemplo" in printed
    assert "evisión 2" in printed
    assert "evisión" not in await _pdf(client, first)


async def test_the_pdf_of_a_calculation_for_a_client(client: Client) -> None:
    request = ISODEC | {"thickness_mm": 100, "width_m": 7, "length_m": 10, "discount_pct": 5, "shipping_usd": 280}
    calculated = await ask(client, "submit_bom", request=request)
    view = await ask(client, "submit_pdf", bom_task_id=calculated["task_id"], client=ANA)

    # Materials 3,760.02 less 5 % (188.00) and 280.00 of freight: 3,852.02; with 22 % 4,699.46.
    assert calculated["result"]["totals"]["total"] == "4699.46"
    printed = await _pdf(client, view)
    assert "4.699,46" in printed
    assert "ISODEC EPS 100 mm \N{EN DASH} 7 p. de 10,00 m" in printed


async def test_the_price_of_an_sku(client: Client) -> None:
    page = await ask(client, "search_catalog", sku="isdec100")

    (item,) = page["items"]
    assert (item["name_es"], item["price"]["unit_price"], item["price"]["tax_included"]) == (
        "ISODEC EPS 100 mm", "41.15", False,
    )  # fmt: skip


async def test_a_span_of_8_m_without_any_other_dimension(client: Client) -> None:
    found = await ask(client, "compare_panels", span_m=8)

    # ISODEC EPS 200 carries 9.1 m and 250 carries 10.4: 8 m are 88 % and 77 % of it, and 85 % are comfortable.
    carrying = {panel["sku"]: panel["ratio"] for panel in found["panels"] if panel["carries"]}
    assert carrying == {"ISDEC200": "0.879", "ISDEC250": "0.769"}
    assert found["recommended"]["sku"] == "ISDEC250"


async def test_the_thermal_saving_of_150_mm_against_100(client: Client) -> None:
    wanted = {"product_family": "ISODEC", "core_type": "EPS", "thicknesses_mm": [150, 100]}
    thin, thick = (await ask(client, "compare_panels", **wanted))["panels"]

    # R = d / 0.037: 2.703 and 4.054. U = 1 / (0.10 + R + 0.04): 0.352 and 0.238. 1 - 0.2384 / 0.3518 = 32.2 %.
    assert (thin["transmittance_w_m2k"], thick["transmittance_w_m2k"]) == ("0.352", "0.238")
    assert (thick["saving_pct"], thick["saving_against_mm"]) == ("32.2", 100)
