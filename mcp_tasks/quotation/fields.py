"""The field types of requests and results: exact decimals, and names whose case and accents do not matter.

Numbers come in as JSON numbers or as strings of the form `-?digits([.,]digits)?` in ASCII, and go out as
decimal strings (TOOLS: "Numbers"). Binary floats are read through their shortest decimal text, so that
11.4 is exactly 11.4.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from mcp_tasks.spelling import folded

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_NUMBER_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+([.,][0-9]+)?$"}]
}
_CENT = Decimal("0.01")


def parse_decimal(value: object) -> Decimal:
    """Read `5`, `5.5`, `"5.5"` or `"5,5"` exactly; refuse everything else with what to write instead."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text) and len(text) <= 40:
            return Decimal(text.replace(",", "."))
        raise ValueError('write a plain number such as 5.5 or "5,5": no units, exponents or separators of thousands')
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(repr(value))
        if number.is_finite():
            return number
    raise ValueError('write a number such as 5.5 or "5,5"')


def parse_whole(value: object) -> int:
    """Read `7` or `"7"`; refuse what has a fraction, an exponent or a unit."""
    try:
        number = parse_decimal(value)
    except ValueError:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError("write a whole number such as 7")
    return int(number)


def plain(value: Decimal) -> str:
    """The decimal as text, never with an exponent."""
    return format(value, "f")


def cents(value: Decimal) -> Decimal:
    """Rounded half-up to two places: money in USD, areas in m2."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


Number = Annotated[
    Decimal,
    BeforeValidator(parse_decimal),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema(_NUMBER_SCHEMA, mode="validation"),
    WithJsonSchema({"type": "string"}, mode="serialization"),
]
"""An exact decimal; add bounds with `Annotated[Number, Field(gt=0, le=100)]`."""

Whole = Annotated[
    int,
    BeforeValidator(parse_whole),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+$"}]}, mode="validation"),
]
"""A whole number; add bounds as for `Number`."""

SHORTEST_M = Decimal("0.01")
LONGEST_M = Decimal(100)
LengthM = Annotated[Number, Field(ge=SHORTEST_M, le=LONGEST_M)]
RunM = Annotated[Number, Field(ge=SHORTEST_M, le=500)]
Percent = Annotated[Number, Field(ge=0, le=100)]
Money = Annotated[Number, Field(ge=0, le=100_000_000)]


def one_of(*names: str) -> BeforeValidator:
    """A validator that takes any spelling of `names` that differs in case, accents and outer spaces."""
    known = {folded(name): name for name in names}

    def normalise(value: object) -> object:
        return known.get(folded(value), value) if isinstance(value, str) else value

    return BeforeValidator(normalise)


class Model(BaseModel):
    """A frozen value; unknown fields are refused."""

    # Validators are built at first use: a server that is asked for nothing of the product starts sooner.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
