"""A model asks for advice before there are dimensions: which panel for a span, what a thicker one saves."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import time_machine
from mcp import Client

from tests.server.serving import ERAS, ask, connected, in_this_process, refused, text_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=ERAS)
async def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Client]:
    """A client of either era, with a server process."""
    async with connected(tmp_path_factory.mktemp("compare"), {"mode": request.param}) as client:
        yield client


async def test_a_roof_of_eight_metres_gets_its_panel(client: Client) -> None:
    answer = await client.call_tool("compare_panels", {"span_m": 8})

    found = answer.structured_content
    assert found is not None
    assert (found["usage"], found["recommended"]["sku"]) == ("techo", "ISDEC250")
    assert found["recommended"]["rule"] == "cheapest_within_comfort"
    assert {panel["family"] for panel in found["panels"]} == {"ISODEC", "ISOROOF"}
    said = text_of(answer)
    assert said.startswith("ISODEC EPS 250 mm: el más barato por m² que cubre 8 m")
    assert "ingeniero" in said
    assert "No cubren esa luz: ISDEC100" in said
    assert "cubre (máximo 10,4 m); US$ " in said
    assert re.search(r"U 0,\d+ W/m²K; \d+(,\d+)? % menos calor", said)
    assert not re.search(r"\d\.\d", said)


async def test_the_thermal_saving_of_a_thicker_panel_comes_with_formula_and_sources(client: Client) -> None:
    wanted = {"product_family": "Isodec", "core_type": "eps", "thicknesses_mm": [150, 100]}
    found = await ask(client, "compare_panels", **wanted)

    thin, thick = found["panels"]
    assert (thin["thickness_mm"], thin["transmittance_w_m2k"]) == (100, "0.352")
    assert (thick["resistance_m2k_w"], thick["transmittance_w_m2k"]) == ("4.054", "0.238")
    assert (thick["saving_pct"], thick["saving_against_mm"]) == ("32.2", 100)
    assert "1 / (Rsi + R + Rse)" in found["formula"]
    assert any("ASHRAE" in source["source"] for source in found["sources"])
    assert any("chapas" in assumption for assumption in found["assumptions"])
    assert (thick["carries"], found["recommended"]) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({}, {"code": "invalid_request", "field": "span_m"}),
        ({"span_m": "8 kg"}, {"code": "invalid_request", "field": "span_m"}),
        ({"span_m": 8, "usage": "pared"}, {"code": "invalid_request", "field": "span_m"}),
        ({"product_family": "ISODEK"}, {"code": "invalid_request", "nearest": "ISODEC"}),
        ({"product_family": "ISOPANEL", "span_m": 8}, {"code": "system_not_supported", "received": "ISOPANEL techo"}),
        ({"thicknesses_mm": [100, 130]}, {"code": "thickness_not_available", "field": "thicknesses_mm.1"}),
        ({"thicknesses_mm": []}, {"code": "invalid_request", "field": "thicknesses_mm"}),
        ({"thicknesses_mm": [100] * 9}, {"code": "invalid_request", "field": "thicknesses_mm"}),
        ({"thickness_mm": [100]}, {"code": "invalid_request", "nearest": "thicknesses_mm"}),
    ],
)
async def test_what_cannot_be_compared_is_refused_with_the_facts(
    client: Client, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    error = await refused(client, "compare_panels", **arguments)

    assert error | facts == error


async def test_prices_have_the_date_of_their_list_and_say_that_it_is_old(folder: Any) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=True):
        async with in_this_process(folder, language="en") as client:
            answer = await client.call_tool("compare_panels", {"span_m": "5", "product_family": "ISODEC"})

    assert answer.structured_content is not None
    price = answer.structured_content["panels"][0]["price"]
    assert (price["price_list"], price["date"], price["stale"]) == ("bmc-2026-08", "2026-08-15", True)
    assert "more than 60 days old" in text_of(answer)
