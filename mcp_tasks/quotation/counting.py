"""Whole pieces out of exact lengths.

Binary floats over-count (11.4 / 1.14 would give 11 panels), so everything here is Decimal and exact.
"""

from collections.abc import Sequence
from decimal import Decimal


def how_many(amount: Decimal, each: Decimal) -> int:
    """The whole pieces of `each` that it takes to reach `amount`: ceil(amount / each), without rounding."""
    whole, rest = divmod(amount, each)
    return int(whole) + (rest > 0)


def cut_length(runs: Sequence[Decimal], stock: Decimal, overlap: Decimal) -> Decimal:
    """The metres of profile that `runs` take when bars of `stock` metres overlap at every joint.

    joints = max(0, ceil((run - overlap) / (stock - overlap)) - 1); the length is sum(run + overlap x joints).
    Offcuts are pooled between the runs. Source: BOM specification, section 2.
    """
    joints = (max(0, how_many(run - overlap, stock - overlap) - 1) for run in runs)
    return sum((run + overlap * n for run, n in zip(runs, joints, strict=True)), Decimal(0))
