"""How many bills of materials a core makes: random requests, each read, understood, calculated and priced."""

import datetime
import random
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Effort, Line, Measured, in_turns
from mcp_tasks.quotation.knowledge import Knowledge, load
from mcp_tasks.quotation.quote import calculate
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.rules import System

_DAY = datetime.date(2026, 11, 23)
_A_MINUTE = 10_000
_WARM = 50


def calculation(folder: Path, effort: Effort) -> list[Line]:
    """Valid requests of every system, by the processor time that they take; nothing is stored or printed."""
    (rate,) = in_turns(folder, effort.rounds, partial(_rate, effort.of(3_000)))
    what = "random requests through the calculation"
    against = f"{_A_MINUTE:,} in a minute of a core"
    return [Measured(what, against, "requests/s", rate, None, gate=round(_A_MINUTE / 60), at_least=True)]


def _rate(n: int, folder: Path) -> float:
    chance, knowledge = random.Random(n), load()
    requests = [random_request(chance, knowledge) for _ in range(_WARM + n)]
    for request in requests[:_WARM]:
        _calculated(request, knowledge)
    begun = time.process_time()
    for request in requests[_WARM:]:
        _calculated(request, knowledge)
    return n / (time.process_time() - begun)


def _calculated(request: dict[str, Any], knowledge: Knowledge) -> None:
    bom = calculate(PanelRequest.model_validate(request), knowledge, _DAY)
    assert bom.lines


def random_request(chance: random.Random, knowledge: Knowledge) -> dict[str, Any]:
    """A request as a caller sends it, JSON, that is not refused."""
    system = chance.choice(list(knowledge.rules.systems.values()))
    panel = chance.choice(knowledge.catalog.panels_of(system.code, system.usage))
    common = {
        "product_family": system.family,
        "core_type": system.core,
        "thickness_mm": panel.thickness_mm,
        "usage": system.usage,
        "structure": chance.choice(["metal", "hormigon", "madera", None]),
        "price_list": chance.choice([prices.id for prices in knowledge.price_lists]),
        "discount_pct": chance.choice([None, "7.5"]),
        "shipping_usd": chance.choice([None, 280]),
    }
    return _without_none(common | _building(chance, system))


def _building(chance: random.Random, system: System) -> dict[str, Any]:
    match system.usage:
        case "techo":
            roof = {
                "roof_type": chance.choice(["1_agua", "2_aguas", "4_aguas", "mariposa", None]),
                "span_m": chance.choice([None, _metres(chance, 1, 9)]),
                "eave": chance.choice(["gotero_frontal", "canalon", None]),
            }
            return _panels(chance, 14) | roof
        case "pared":
            runs = chance.random() < 0.25
            wall = {"wall_runs_m": [_metres(chance, 2, 60) for _ in range(3)], "length_m": _metres(chance, 2, 12)}
            return (wall if runs else _panels(chance, 12)) | {"corners_ext": chance.choice([None, 0, 4])}
        case "camara":
            sides = ("length_m", "width_m", "height_m")
            return {side: _metres(chance, 2, 12) for side in sides}


def _panels(chance: random.Random, longest: int) -> dict[str, Any]:
    """So many metres, so many panels, or panels of several lengths."""
    length = _metres(chance, 2, longest)
    match chance.randrange(3):
        case 0:
            return {"length_m": length, "width_m": _metres(chance, 1, 80)}
        case 1:
            return {"length_m": length, "quantity_panels": chance.randint(1, 60)}
        case _:
            groups = chance.randint(1, 5)
            made = [{"quantity": chance.randint(1, 20), "length_m": _metres(chance, 2, longest)} for _ in range(groups)]
            return {"panel_groups": made}


def _metres(chance: random.Random, least: int, most: int) -> str:
    return f"{chance.uniform(least, most):.2f}"


def _without_none(request: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if value is not None}
