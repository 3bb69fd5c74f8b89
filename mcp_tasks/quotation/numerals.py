"""How numbers and dates are written in a language. What a figure means stays the same: nothing is rounded away."""

import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.placeholders import filled, may_hold, must_hold
from mcp_tasks.quotation.printable import Label, Word

_MEASURES = frozenset({"m", "ml", "m2", "m3", "kg", "l"})


def _no_digit(mark: str) -> str:
    if mark.isdigit():
        raise ValueError("a digit cannot be told from those of the number")
    return mark


Mark = Annotated[str, Field(max_length=1), AfterValidator(_no_digit)]
WithAmount = Annotated[Label, may_hold("amount"), must_hold("amount")]


class Numerals(Model):
    """The marks of a language, and the words around an amount."""

    decimal_mark: Annotated[Mark, Field(min_length=1)]
    thousands_mark: Mark
    money: WithAmount
    percent: WithAmount
    metres: WithAmount
    square_metres: WithAmount
    date: Annotated[Label, may_hold("d", "dd", "mm", "month", "yyyy"), must_hold("yyyy")]
    months: Annotated[tuple[Word, ...], Field(min_length=12, max_length=12)]

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal_mark == self.thousands_mark:
            raise ValueError(f"decimal_mark and thousands_mark are both {self.decimal_mark!r}: no amount could be read")
        return self

    def amount(self, value: Decimal, places: int = 2) -> str:
        """`value` with `places` decimals, or with all those it has when they are more."""
        marks = str.maketrans({",": self.thousands_mark, ".": self.decimal_mark})
        return f"{value:,.{_places(value, places)}f}".translate(marks)

    def bare(self, value: Decimal) -> str:
        """The same without marks between thousands, for programs."""
        return f"{value:.{_places(value, 2)}f}".replace(".", self.decimal_mark)

    def dollars(self, value: Decimal) -> str:
        """An amount of money; the sign stands before the currency."""
        sign = "\N{MINUS SIGN}" if value < 0 else ""
        return sign + filled(self.money, {"amount": self.amount(abs(value))})

    def percentage(self, value: Decimal) -> str:
        return filled(self.percent, {"amount": self.amount(value, 0)})

    def quantity(self, value: Decimal, unit: str) -> str:
        """Measures have two decimals at least; pieces have none when they are whole."""
        whole = value == value.to_integral_value()
        return self.amount(value, 0 if whole and unit.casefold() not in _MEASURES else 2)

    def length(self, value: Decimal) -> str:
        return filled(self.metres, {"amount": self.amount(value)})

    def area(self, value: Decimal) -> str:
        return filled(self.square_metres, {"amount": self.amount(value)})

    def day(self, date: datetime.date) -> str:
        return filled(
            self.date,
            {
                "d": date.day,
                "dd": f"{date:%d}",
                "mm": f"{date:%m}",
                "month": self.months[date.month - 1],
                "yyyy": date.year,
            },
        )


def _places(value: Decimal, least: int) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "amounts are finite"
    return max(least, -exponent)
