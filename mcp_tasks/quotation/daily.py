"""What was quoted in a day, from the records of its quotations: what and how much, never for whom.

Records are read as they were written, by whatever version.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from mcp_tasks.quotation.document import Quotation
from mcp_tasks.quotation.fields import Model, Number, cents
from mcp_tasks.quotation.offers import is_area, sold_for

if TYPE_CHECKING:
    from mcp_tasks.quotation.rules import System

_MOST_WARNINGS = 10
_ZERO = Decimal("0.00")


class Amount(Model):
    """A sum of money."""

    currency: str
    prices_include_tax: bool
    total: Number


class Sold(Model):
    """What was quoted of a family in a usage; null for accessories alone, and for lines that a caller gave.

    A quotation of several parts counts in each, and its total is shared out among them by their materials.
    """

    family: str | None
    core: str | None
    usage: str | None
    quotations: int
    m2: Number
    totals: tuple[Amount, ...]


class Times(Model):
    """In how many quotations something was found."""

    what: str
    quotations: int


class DayOfQuotations(Model):
    """The quotations of a day. Of one that was revised the last revision counts; `revised` says how many others not.

    `unreadable` are those that another version recorded in a way that this one does not understand.
    """

    quotations: int
    revised: int
    unreadable: int
    m2: Number
    totals: tuple[Amount, ...]
    by_family: tuple[Sold, ...]
    warnings: tuple[Times, ...]
    missing_prices: tuple[Times, ...]


class Basis(NamedTuple):
    """Sums of different ones are never added up."""

    currency: str
    prices_include_tax: bool


class Share(NamedTuple):
    """The part of a quotation that is of one system; `system` is empty where a caller gave the lines."""

    system: str
    m2: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Quoted:
    """One quotation, in figures."""

    basis: Basis
    shares: tuple[Share, ...]
    warnings: frozenset[str]
    missing_prices: frozenset[str]


def quoted(content: Mapping[str, Any]) -> Quoted | None:
    """The figures of a record of kind "quotation"; None when it cannot be read."""
    try:
        return _calculated(content["bom"]) if "bom" in content else _given(content["quotation"])
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None


def summary(records: Sequence[Quoted | None], systems: "Mapping[str, System]", revised: int) -> DayOfQuotations:
    """The figures of a day of quotations, each in its last revision; None for one that cannot be read."""
    found = [one for one in records if one is not None]
    by_system: dict[str, list[tuple[int, Basis, Share]]] = defaultdict(list)
    for number, one in enumerate(found):
        for share in one.shares:
            by_system[share.system if share.system in systems else ""].append((number, one.basis, share))
    return DayOfQuotations(
        quotations=len(found),
        revised=revised,
        unreadable=len(records) - len(found),
        m2=sum((share.m2 for one in found for share in one.shares), _ZERO),
        totals=_amounts((one.basis, share.total) for one in found for share in one.shares),
        by_family=tuple(_sold(systems.get(name), shares) for name, shares in sorted(by_system.items())),
        warnings=_times(one.warnings for one in found)[:_MOST_WARNINGS],
        missing_prices=_times(one.missing_prices for one in found),
    )


def _calculated(bom: Mapping[str, Any]) -> Quoted:
    totals = bom["totals"]
    parts: Sequence[Mapping[str, Any]] = bom.get("parts") or [{**bom, "materials": totals["materials"]}]
    amounts = _shared(Decimal(totals["total"]), [Decimal(part["materials"]) for part in parts])
    return Quoted(
        basis=Basis(totals["currency"], totals["prices_include_tax"]),
        shares=tuple(
            Share(part["system"], Decimal(part["panel_area_m2"]), amount)
            for part, amount in zip(parts, amounts, strict=True)
        ),
        warnings=frozenset(warning["code"] for warning in bom["warnings"]),
        missing_prices=frozenset(bom["missing_prices"]),
    )


def _given(quotation: Mapping[str, Any]) -> Quoted:
    """A quotation of lines, as its document sums them up; of alternatives the first counts."""
    known = Quotation.model_validate(quotation)
    lines = [line for line in known.lines if not known.alternatives or line.part == known.lines[0].part]
    m2 = sum((line.quantity for line in lines if line.section == "paneles" and is_area(line)), _ZERO)
    basis = Basis(known.currency, known.prices_include_tax)
    return Quoted(basis, (Share("", m2, sold_for(known, lines).total),), frozenset(), frozenset())


def _shared(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` in shares by weight, to the cent: together they are `total` again."""
    whole = sum(weights, _ZERO)
    shares = [cents(total * weight / whole) if whole else _ZERO for weight in weights[:-1]]
    return [*shares, total - sum(shares, _ZERO)]


def _sold(system: "System | None", shares: Sequence[tuple[int, Basis, Share]]) -> Sold:
    return Sold(
        family=system and system.family,
        core=system and system.core,
        usage=system and system.usage,
        quotations=len({number for number, _, _ in shares}),
        m2=sum((share.m2 for _, _, share in shares), _ZERO),
        totals=_amounts((basis, share.total) for _, basis, share in shares),
    )


def _amounts(found: Iterable[tuple[Basis, Decimal]]) -> tuple[Amount, ...]:
    sums: dict[Basis, Decimal] = {}
    for basis, total in found:
        sums[basis] = sums.get(basis, _ZERO) + total
    return tuple(Amount(**basis._asdict(), total=total) for basis, total in sorted(sums.items()))


def _times(found: Iterable[frozenset[str]]) -> tuple[Times, ...]:
    counted = Counter(what for each in found for what in each)
    return tuple(Times(what=what, quotations=n) for what, n in sorted(counted.items(), key=_most_first))


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
