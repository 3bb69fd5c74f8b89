"""Numbers as they come in: read exactly, or refused with what to write instead.

A number is a JSON number or a string of the form `-?digits([.,]digits)?` in ASCII (TOOLS: "Numbers"). Whoever
writes "5 m" or "1.234,56" is told the number to write; nothing is converted silently.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from pydantic_core import PydanticCustomError

from mcp_tasks.spelling import folded

_LONGEST = 40
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_WITH_WORDS = re.compile(r"(?P<before>[^0-9-]*)(?P<number>-?[0-9](?:[0-9.,]*[0-9])?)(?P<after>[^0-9]*)", re.ASCII)
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:(?P<mark>[.,])[0-9]{3})(?:(?P=mark)[0-9]{3})*", re.ASCII)
_THOUSANDS = re.compile(r"(?P<one>[1-9][0-9]{0,2})[.,](?P<rest>000)[^0-9]*", re.ASCII)
_AMOUNT = re.compile(r"[^0-9-]*(?P<one>[1-9][0-9]{0,2})[.,](?P<rest>[0-9]{3})[^0-9]*", re.ASCII)
_CENT = Decimal("0.01")
_CENTS = 2


@dataclass(frozen=True, slots=True)
class Measure:
    """What the numbers of a field count: its own units, and how many of them one of another unit is."""

    said: str = ""
    units: frozenset[str] = frozenset()
    others: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    example: str = '5.5 or "5,5"'

    def decimal(self, value: object) -> Decimal:
        """Read `5`, `5.5`, `"5.5"` or `"5,5"` exactly. Binary floats count as their shortest decimal text."""
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str):
            text = value.strip()
            if _NUMBER.fullmatch(text) and len(text) <= _LONGEST:
                return Decimal(text.replace(",", "."))
            raise self._repair(text)
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = Decimal(repr(value))
            if number.is_finite():
                return number
        raise ValueError(f"write a number such as {self.example}")

    def whole(self, value: object) -> int:
        """Read `7` or `"7"`; refuse what has a fraction, an exponent or a unit.

        In "1.000" the mark may be of decimals or of thousands, and only a whole number makes sense either way.
        """
        if isinstance(value, str) and (grouped := _THOUSANDS.fullmatch(value.strip())):
            one, many = grouped["one"], grouped["one"] + grouped["rest"]
            raise ValueError(f"write {many} or {one}: {value.strip()} can be read as either")
        try:
            number = self.decimal(value)
        except PydanticCustomError as error:
            if _is_whole(Decimal((error.context or {})["nearest"])):
                raise
            number = Decimal("NaN")
        except ValueError:
            number = Decimal("NaN")
        if not _is_whole(number):
            raise ValueError(f"write a whole number such as {self.example}")
        return int(number)

    def amount(self, value: object) -> Decimal:
        """Read money: as `decimal`, with two decimals at most.

        In "1.200" the mark may be of decimals or, as people write in Uruguay, of thousands.
        """
        if isinstance(value, str) and (grouped := _AMOUNT.fullmatch(value.strip())):
            many = grouped["one"] + grouped["rest"]
            few = Decimal(f"{grouped['one']}.{grouped['rest']}").quantize(_CENT, rounding=ROUND_HALF_UP)
            raise ValueError(f"write {many} or {few}: {value.strip()} can be read as either")
        number = self.decimal(value)
        if _decimals(format(number, "f")) <= _CENTS:
            return number
        if _decimals(_plain(number)) <= _CENTS:
            return Decimal(_plain(number))  # stored and read again, "1.200" would be refused
        raise ValueError(f"write an amount with at most two decimals, such as {self.example}")

    def _repair(self, text: str) -> ValueError:
        """What to write instead of `text`, where that can be told."""
        unclear = f"write a plain number such as {self.example}: no units, exponents or separators of thousands"
        found = _WITH_WORDS.fullmatch(text) if len(text) <= _LONGEST else None
        number = _ungrouped(found["number"]) if found else None
        if found is None or number is None:
            return ValueError(unclear)
        unit = folded((found["before"] + found["after"]).strip(" .\N{NO-BREAK SPACE}"))
        if not unit:
            return _instead(number, f"write {_plain(number)}: no separators of thousands")
        if unit in self.units:
            return _instead(number, f"write {_plain(number)}: {self.said}, without the unit")
        if unit in self.others:
            own = number * self.others[unit]
            return _instead(own, f"{self.said}, not {unit}: if {_plain(number)} {unit} is meant, write {_plain(own)}")
        return ValueError(f"{unclear}; {self.said}" if self.said else unclear)


def _is_whole(number: Decimal) -> bool:
    return number.is_finite() and number == number.to_integral_value()


def _ungrouped(number: str) -> Decimal | None:
    """The number without separators of thousands; None where it can be read in two ways or in none."""
    if _NUMBER.fullmatch(number):
        return Decimal(number.replace(",", "."))
    if _GROUPED.fullmatch(number):
        return Decimal(number.replace(",", "").replace(".", ""))
    last = max(number.rfind("."), number.rfind(","))
    whole, mark, fraction = number[:last], number[last], number[last + 1 :]
    grouped = _GROUPED.fullmatch(whole)
    if grouped is None or grouped["mark"] == mark:
        return None
    return Decimal(f"{whole.replace(grouped['mark'], '')}.{fraction}")


def _instead(number: Decimal, repair: str) -> PydanticCustomError:
    return PydanticCustomError("plain_number", "{repair}", {"repair": repair, "nearest": _plain(number)})


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _plain(number: Decimal) -> str:
    """Never with an exponent, nor with zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _units(*names: str) -> frozenset[str]:
    return frozenset(map(folded, names))


def _others(**names: str) -> Mapping[str, Decimal]:
    return {name: Decimal(worth) for name, worth in names.items()}


PLAIN = Measure()
METRES = Measure(
    said="lengths are metres",
    units=_units("m", "ml", "mt", "mts", "mtrs", "metro", "metros", "meter", "meters", "metre", "metres"),
    others=_others(cm="0.01", mm="0.001", km="1000"),
)
MILLIMETRES = Measure(
    said="thicknesses are millimetres",
    units=_units("mm", "milimetro", "milimetros", "millimeters", "millimetres"),
    others=_others(cm="10", m="1000"),
    example="100",
)
DOLLARS = Measure(
    said="amounts are US dollars",
    units=_units("$", "USD", "US$", "U$S", "dolar", "dolares", "dollar", "dollars"),
    example="280",
)
PERCENT = Measure(said="percentages are from 0 to 100", units=_units("%", "por ciento", "percent"), example="10")
COUNT = Measure(
    said="quantities are pieces",
    units=_units("p", "panel", "paneles", "panels", "u", "un", "unidad", "unidades", "units", "pcs", "x"),
    example="7",
)
