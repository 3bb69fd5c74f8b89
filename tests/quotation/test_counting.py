"""Pieces are counted exactly, and bars with the overlap of their joints."""

from decimal import Decimal

import pytest

from mcp_tasks.quotation.counting import cut_length, how_many

_OVERLAP = Decimal("0.05")


@pytest.mark.parametrize(
    ("amount", "each", "pieces"),
    [("11.4", "1.14", 10), ("32.4", "0.30", 108), ("11.41", "1.14", 11), ("0.01", "3", 1), ("0", "3", 0)],
)
def test_a_piece_more_is_counted_only_when_something_is_left(amount: str, each: str, pieces: int) -> None:
    assert how_many(Decimal(amount), Decimal(each)) == pieces


@pytest.mark.parametrize(
    ("runs", "stock", "bars"),
    [
        (["3.00"], "3.00", 1),
        (["3.01"], "3.00", 2),
        (["4", "4"], "3.00", 3),
        (["5.95"], "3.00", 2),
        (["5.96"], "3.00", 3),
        (["0.02"], "3.00", 1),
        (["11.2"], "3.03", 4),
    ],
    ids=["exactly one bar", "one joint", "offcuts are pooled", "last of two", "first of three", "a stub", "eave"],
)
def test_bars_overlap_at_every_joint(runs: list[str], stock: str, bars: int) -> None:
    needed = cut_length([Decimal(run) for run in runs], Decimal(stock), _OVERLAP)

    assert how_many(needed, Decimal(stock)) == bars
