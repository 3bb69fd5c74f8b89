"""Numbers and dates as they are written in Uruguay: 1.234,56 and 23/11/2026."""

import datetime
from decimal import Decimal

_SWAP = str.maketrans(",.", ".,")
_MEASURES = frozenset({"m", "ml", "m2", "m3", "kg", "l"})
_SUPERSCRIPT = {"m2": "m²", "m3": "m³"}


def decimal(value: Decimal, places: int = 2) -> str:
    """`value` with `places` decimals, or with all those it has when they are more: nothing is rounded away."""
    return f"{value:,.{_places(value, places)}f}".translate(_SWAP)


def bare(value: Decimal) -> str:
    """The same without separators of thousands, for programs: 1234,56."""
    return f"{value:.{_places(value, 2)}f}".translate(_SWAP)


def _places(value: Decimal, least: int) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "amounts are finite"
    return max(least, -exponent)


def money(value: Decimal) -> str:
    """An amount in US dollars: US$ 1.234,56."""
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}US$ {decimal(abs(value))}"


def percent(value: Decimal) -> str:
    return f"{decimal(value, 0)} %"


def quantity(value: Decimal, unit: str) -> str:
    """Measures have two decimals at least; pieces have none when they are whole."""
    whole = value == value.to_integral_value()
    return decimal(value, 0 if whole and unit.casefold() not in _MEASURES else 2)


def unit(name: str) -> str:
    """The printed form of a unit: m2 becomes m²."""
    return _SUPERSCRIPT.get(name.casefold(), name)


def metres(value: Decimal) -> str:
    return f"{decimal(value)} m"


def square_metres(value: Decimal) -> str:
    return f"{decimal(value)} m²"


def day(date: datetime.date) -> str:
    return f"{date:%d/%m/%Y}"
