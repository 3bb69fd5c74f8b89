"""Numbers and dates as they are written in Uruguay: 1.234,56 and 23/11/2026."""

from mcp_tasks.quotation.numerals import Numerals

SPANISH = Numerals.model_construct(  # not validated, so that importing this builds no validator
    decimal_mark=",",
    thousands_mark=".",
    money="US$ {amount}",
    percent="{amount} %",
    metres="{amount} m",
    square_metres="{amount} m²",
    date="{dd}/{mm}/{yyyy}",
    months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic"),
)
_SUPERSCRIPT = {"m2": "m²", "m3": "m³"}

decimal = SPANISH.amount
bare = SPANISH.bare
percent = SPANISH.percentage
quantity = SPANISH.quantity
metres = SPANISH.length
day = SPANISH.day
money = SPANISH.dollars


def unit(name: str) -> str:
    """The printed form of a unit: m2 becomes m²."""
    return _SUPERSCRIPT.get(name.casefold(), name)
