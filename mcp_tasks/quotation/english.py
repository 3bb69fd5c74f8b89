"""Numbers and dates as they are written in English: 1,234.56 and 23 Nov 2026."""

from mcp_tasks.quotation.numerals import Numerals

ENGLISH = Numerals.model_construct(  # not validated, so that importing this builds no validator
    decimal_mark=".",
    thousands_mark=",",
    money="US$ {amount}",
    percent="{amount}%",
    metres="{amount} m",
    square_metres="{amount} m²",
    date="{d} {month} {yyyy}",
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
