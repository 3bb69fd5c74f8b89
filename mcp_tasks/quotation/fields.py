"""The field types of requests and results: exact decimals, and names whose case and accents do not matter.

Numbers come in as JSON numbers or strings (see `numbers`), and go out as decimal strings (TOOLS: "Numbers").
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from mcp_tasks.quotation.numbers import COUNT, DOLLARS, METRES, MILLIMETRES, PERCENT, PLAIN
from mcp_tasks.quotation.synonyms import OTHER_WORDS
from mcp_tasks.spelling import folded

_CENT = Decimal("0.01")


def _schema(decimals: str) -> dict[str, Any]:
    """Of a number whose text has so many decimals, if any."""
    return {"type": ["number", "string"], "pattern": rf"^-?[0-9]+([.,][0-9]{decimals})?$"}


def plain(value: Decimal) -> str:
    """The decimal as text, never with an exponent."""
    return format(value, "f")


def cents(value: Decimal) -> Decimal:
    """Rounded half-up to two places: money in USD, areas in m2."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


Number = Annotated[
    Decimal,
    BeforeValidator(PLAIN.decimal),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema(_schema("+"), mode="validation"),
    WithJsonSchema({"type": "string"}, mode="serialization"),
]
"""An exact decimal; add bounds with `Annotated[Number, Field(gt=0, le=100)]`."""

Whole = Annotated[
    int,
    BeforeValidator(COUNT.whole),
    WithJsonSchema({"type": ["integer", "string"], "pattern": "^[0-9]+$"}, mode="validation"),
]
"""A whole number; add bounds as for `Number`."""

SHORTEST_M = Decimal("0.01")
LONGEST_M = Decimal(100)
LengthM = Annotated[Number, BeforeValidator(METRES.decimal), Field(ge=SHORTEST_M, le=LONGEST_M)]
RunM = Annotated[Number, BeforeValidator(METRES.decimal), Field(ge=SHORTEST_M, le=500)]
ThicknessMm = Annotated[Whole, BeforeValidator(MILLIMETRES.whole), Field(gt=0, le=1000)]
Percent = Annotated[Number, BeforeValidator(PERCENT.decimal), Field(ge=0, le=100)]
Money = Annotated[
    Number,
    BeforeValidator(DOLLARS.amount),
    Field(ge=0, le=100_000_000),
    WithJsonSchema(_schema("{1,2}"), mode="validation"),
]
"""An amount of USD, to the cent."""


def one_of(*names: str) -> BeforeValidator:
    """A validator that takes `names` whatever their case, accents and outer spaces, and the other words for them."""
    known = {folded(word): name for name in names for word in (name, *OTHER_WORDS.get(name, ()))}

    def normalise(value: object) -> object:
        return known.get(folded(value), value) if isinstance(value, str) else value

    return BeforeValidator(normalise)


class Model(BaseModel):
    """A frozen value; unknown fields are refused."""

    # Validators are built at first use: a server that is asked for nothing of the product starts sooner.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
