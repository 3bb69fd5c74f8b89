"""How well a panel insulates: its core's resistance, after published design values.

R = d / lambda of the core alone; U = 1 / (Rsi + R + Rse), as ISO 6946 has it for plane layers. The steel faces add
nothing that counts; joints and fixings, which lose some, are neglected.
"""

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from mcp_tasks.quotation.fields import Model, Number
from mcp_tasks.quotation.terms import Core, Usage

_FILE = Path(__file__).parent / "data" / "thermal.json"
_THOUSANDTH = Decimal("0.001")
_MM_PER_M = 1000


class Sourced(Model):
    """Where a value comes from."""

    source: Annotated[str, Field(min_length=1)]
    note: str = ""


class Conductivity(Sourced):
    """The thermal conductivity of a core, in W/(m K)."""

    value: Annotated[Number, Field(gt=0, lt=1)]


class Surfaces(Model):
    """The resistances of the air at both faces, in m2 K/W."""

    inside: Annotated[Number, Field(ge=0, lt=1)]
    outside: Annotated[Number, Field(ge=0, lt=1)]

    @property
    def both(self) -> Decimal:
        """Their sum."""
        return self.inside + self.outside


class SurfaceResistances(Sourced):
    """The resistances of the air where a panel is used."""

    value: Surfaces


class ThermalFacts(Model):
    """The facts file. A core that is not in it is one that nobody published a value for."""

    schema_version: Literal[1]
    conductivity_w_mk: dict[Core, Conductivity]
    surface_m2k_w: dict[Usage, SurfaceResistances]


@dataclass(frozen=True, slots=True)
class Insulation:
    """Of a panel: `resistance` R of the core in m2 K/W, `transmittance` U in W/(m2 K), both unrounded."""

    resistance: Decimal
    transmittance: Decimal


def load_thermal() -> ThermalFacts:
    """What the package ships, read once."""
    return _shipped()


@cache
def _shipped() -> ThermalFacts:
    return ThermalFacts.model_validate(json.loads(_FILE.read_text(encoding="utf-8")))


def insulation(facts: ThermalFacts, core: Core, thickness_mm: int, usage: Usage) -> Insulation | None:
    """How well a panel insulates; None when the facts of its core or its use are not known."""
    conductivity, surfaces = facts.conductivity_w_mk.get(core), facts.surface_m2k_w.get(usage)
    if conductivity is None or surfaces is None:
        return None
    resistance = Decimal(thickness_mm) / _MM_PER_M / conductivity.value
    return Insulation(resistance, 1 / (surfaces.value.both + resistance))


def saving_pct(better: Insulation, than: Insulation) -> Decimal:
    """How much less heat flows, in percent: 1 - U / U of the other, to one decimal."""
    saved = (1 - better.transmittance / than.transmittance) * 100
    return saved.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def rounded(value: Decimal) -> Decimal:
    """R and U as they are shown: to three decimals."""
    return value.quantize(_THOUSANDTH, rounding=ROUND_HALF_UP)
