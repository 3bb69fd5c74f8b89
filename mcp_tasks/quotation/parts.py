"""Several bills of materials as the one bill of the order: its parts, and what they come to together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from mcp_tasks.quotation.bom import Assumption, Bom, BomPart, BomWarning, Question, Status
from mcp_tasks.quotation.pricing import sum_of
from mcp_tasks.quotation.totals import totals_of

_OF_THE_WHOLE = "shipping_usd"
"""The field whose question is about the whole order, so that it is asked once."""

_TITLES = 4
"""How many titles a question names."""

_WORSE: tuple[Status, ...] = ("final", "provisional", "incomplete")


def joined(bills: Sequence[Bom], prefixes: Sequence[str], discount_pct: Decimal, shipping: Decimal) -> Bom:
    """One bill of all of `bills`, in their order, with the discount taken from their sum.

    `prefixes` are put before the fields of the bills that have a request, so that an assumption or a question
    names the argument of its part. Texts begin with the title of the part.
    """
    titles = list(_titles(bills))
    numbered = list(enumerate(zip(bills, titles, strict=True), start=1))
    fields = [*prefixes, *[""] * (len(bills) - len(prefixes))]
    lines = tuple(line.model_copy(update={"part": number}) for number, (bill, _) in numbered for line in bill.lines)
    first = bills[0]
    return Bom(
        status=_WORSE[max(_WORSE.index(bill.status) for bill in bills)],
        system=" + ".join(dict.fromkeys(bill.system for bill in bills)),
        project_area_m2=sum((bill.project_area_m2 for bill in bills), Decimal("0.00")),
        panel_area_m2=sum((bill.panel_area_m2 for bill in bills), Decimal("0.00")),
        panel_count=sum(bill.panel_count for bill in bills),
        supports_per_panel=None,
        fixing_points=None,
        points_per_rod=None,
        perimeter_m=None,
        joint_m=None,
        weight_kg=_weight(bills),
        lines=lines,
        warnings=tuple(_warning(w, number, title) for number, (bill, title) in numbered for w in bill.warnings),
        assumptions=tuple(
            _assumption(assumed, prefix, title)
            for bill, title, prefix in zip(bills, titles, fields, strict=True)
            for assumed in bill.assumptions
        ),
        questions=tuple(_questions(bills, titles, fields)),
        missing_prices=tuple(dict.fromkeys(kind for bill in bills for kind in bill.missing_prices)),
        span=None,
        totals=totals_of(sum_of(lines), discount_pct, shipping, first.totals.prices_include_tax),
        price_list=first.price_list,
        notice=first.notice,
        parts=tuple(_part(number, bill, title) for number, (bill, title) in numbered),
    )


def _titles(bills: Iterable[Bom]) -> Iterator[str]:
    """Each bill's title; those that repeat are numbered."""
    seen: Counter[str] = Counter()
    for bill in bills:
        seen[bill.title] += 1
        yield bill.title if seen[bill.title] == 1 else f"{bill.title} ({seen[bill.title]})"


def _part(number: int, bill: Bom, title: str) -> BomPart:
    return BomPart(
        part=number,
        title=title,
        system=bill.system,
        project_area_m2=bill.project_area_m2,
        panel_area_m2=bill.panel_area_m2,
        panel_count=bill.panel_count,
        supports_per_panel=bill.supports_per_panel,
        fixing_points=bill.fixing_points,
        points_per_rod=bill.points_per_rod,
        perimeter_m=bill.perimeter_m,
        joint_m=bill.joint_m,
        weight_kg=bill.weight_kg,
        span=bill.span,
        materials=bill.totals.materials,
    )


def _weight(bills: Iterable[Bom]) -> Decimal | None:
    """Of all panels; None when nobody published that of one part's."""
    weights = [bill.weight_kg for bill in bills]
    known = [weight for weight in weights if weight is not None]
    return sum(known, Decimal("0.00")) if len(known) == len(weights) else None


def _warning(warning: BomWarning, number: int, title: str) -> BomWarning:
    return warning.model_copy(update={"text": f"{title}: {warning.text}", "data": {"part": number, **warning.data}})


def _assumption(assumed: Assumption, prefix: str, title: str) -> Assumption:
    return assumed.model_copy(update={"field": f"{prefix}{assumed.field}", "text": f"{title}: {assumed.text}"})


def _questions(bills: Sequence[Bom], titles: Sequence[str], prefixes: Sequence[str]) -> Iterator[Question]:
    """Those of the parts, each once with the parts that ask it, then the one about the whole order."""
    whole: dict[str, Question] = {}
    asked: dict[tuple[str, str], list[int]] = {}
    for number, bill in enumerate(bills):
        for question in bill.questions:
            if question.field == _OF_THE_WHOLE:
                whole[question.text] = question
            else:
                asked.setdefault((question.field, question.text), []).append(number)
    for (field, text), numbers in asked.items():
        fields = ", ".join(f"{prefixes[number]}{field}" for number in numbers)
        yield Question(field=fields, text=f"{_named([titles[number] for number in numbers])}: {text}")
    yield from whole.values()


def _named(titles: Sequence[str]) -> str:
    """The titles of parts, or how many they are where the names would be longer than what is asked."""
    return ", ".join(titles) if len(titles) <= _TITLES else f"{len(titles)} partes"
