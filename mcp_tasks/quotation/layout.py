"""How panels lie: side by side from the longest to the shortest, aligned on one edge.

What encloses them is then the rectangle of the longest panel, whatever order they were named in; panels of equal
length are one batch, however they were split.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mcp_tasks.quotation.fields import cents
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.wording import comma


@dataclass(frozen=True, slots=True)
class Batch:
    """So many panels of one length, in metres."""

    panels: int
    length: Decimal


@dataclass(frozen=True, slots=True)
class BilledBatch:
    """Panels that are one line: `area` in m2, to two decimals; `formula` says in words how it was reached.

    Those of a cold room's walls and of its ceiling are sold together; elsewhere there is one batch in a line.
    """

    batches: Sequence[Batch]
    area: Decimal
    formula: str

    @property
    def panels(self) -> int:
        """All of them."""
        return panels_in(self.batches)


def counted_batches(request: PanelRequest) -> tuple[Batch, ...]:
    """The panels that the request counts itself, longest first; none where its width decides how many."""
    if request.panel_groups is not None:
        return _sorted(Batch(group.quantity, group.length_m) for group in request.panel_groups)
    if request.quantity_panels is not None:
        return (Batch(request.quantity_panels, the_length(request)),)
    return ()


def the_length(request: PanelRequest) -> Decimal:
    """`length_m` of a request that was understood and has no groups."""
    assert request.length_m is not None, "a request without length_m and panel_groups was refused"
    return request.length_m


def longest_first(lengths: Iterable[Decimal]) -> list[Decimal]:
    """In an order, and with a spelling of equals (5.00 before 5.0), that is the same whatever the order was."""
    return sorted(lengths, key=lambda length: (-length, length.as_tuple().exponent))


def billed(batches: Sequence[Batch], useful_width: Decimal) -> tuple[BilledBatch, ...]:
    """Each batch with its area, N x au x L."""
    return tuple(
        BilledBatch(
            batches=(batch,),
            area=cents(batch.panels * useful_width * batch.length),
            formula=f"paneles: {batch.panels} x {comma(useful_width)} m útiles x {comma(batch.length)} m",
        )
        for batch in batches
    )


def panels_in(batches: Iterable[Batch]) -> int:
    """How many panels they are together."""
    return sum(batch.panels for batch in batches)


def metres_in(batches: Iterable[Batch]) -> Decimal:
    """The lengths of all panels, one after the other."""
    return sum((batch.panels * batch.length for batch in batches), Decimal(0))


def covered_area(width: Decimal, batches: Sequence[Batch]) -> Decimal:
    """The m2 of a surface `width` metres wide: W x the mean length of its panels, sum(N L) / sum(N)."""
    return width * metres_in(batches) / panels_in(batches)


def _sorted(batches: Iterable[Batch]) -> tuple[Batch, ...]:
    panels: dict[Decimal, int] = {}
    found = list(batches)
    for length in longest_first(batch.length for batch in found):
        panels.setdefault(length, 0)
    for batch in found:
        panels[batch.length] += batch.panels
    return tuple(Batch(n, length) for length, n in panels.items())
