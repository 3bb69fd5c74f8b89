"""Are the measures of the panels those of their families?"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from mcp_tasks.quotation.terms import Family
from mcp_tasks.quotation.validation.files import PRODUCTS, names
from mcp_tasks.quotation.validation.finding import Finding, warning
from mcp_tasks.quotation.validation.subject import Subject

_Range = tuple[Decimal, Decimal]

_USEFUL_WIDTH_M: dict[Family, _Range] = {
    "ISODEC": (Decimal("1.12"), Decimal("1.12")),
    "ISOROOF": (Decimal("1.0"), Decimal("1.1")),
    "ISOPANEL": (Decimal("1.0"), Decimal("1.14")),
    "ISOWALL": (Decimal("1.1"), Decimal("1.1")),
    "ISOFRIG": (Decimal("1.1"), Decimal("1.14")),
}
"""The least and the most that any source gives. Source: BOM specification, section 9, row 20."""

_MAX_SPAN_M: dict[Family, _Range] = {
    "ISODEC": (Decimal("3.5"), Decimal("10.4")),
    "ISOROOF": (Decimal("2.8"), Decimal("4.5")),
}
"""Of roofs, from the thinnest to the thickest. Source: BOM specification, section 6."""


def measures_out_of_range(subject: Subject) -> Iterator[Finding]:
    """Useful widths and spans that no source gives for the family."""
    numbers = names(subject.files.products, "panels", "sku")
    for panel in subject.catalog.panels:
        path = f"{PRODUCTS}#panels.{numbers[panel.sku]}"
        width = _USEFUL_WIDTH_M[panel.family]
        if not width[0] <= panel.useful_width_m <= width[1]:
            text = f"{panel.sku} is wider or narrower than {panel.family} is made"
            yield _finding("useful_width_out_of_range", f"{path}.useful_width_m", text, panel.useful_width_m, width)
        span = _MAX_SPAN_M.get(panel.family)
        if span and panel.max_span_m is not None and not span[0] <= panel.max_span_m <= span[1]:
            text = f"{panel.sku} carries more or less than any {panel.family}"
            yield _finding("span_out_of_range", f"{path}.max_span_m", text, panel.max_span_m, span)


def spans_not_rising(subject: Subject) -> Iterator[Finding]:
    """Panels that carry no more than the thinner ones of their family and core: one of the two is mistyped."""
    numbers = names(subject.files.products, "panels", "sku")
    roofs: defaultdict[str, list[tuple[int, Decimal, str]]] = defaultdict(list)
    for panel in subject.catalog.panels:
        if panel.max_span_m is not None and panel.variant is None:
            roofs[panel.code].append((panel.thickness_mm, panel.max_span_m, panel.sku))
    for of_one_code in roofs.values():
        for (thin_mm, less, thin), (mm, span, sku) in pairwise(sorted(of_one_code)):
            if span <= less and mm > thin_mm:
                path, text = f"{PRODUCTS}#panels.{numbers[sku]}.max_span_m", f"{sku} carries no more than {thin}"
                yield warning("span_not_rising", path, text, value=span, expected=f"more than {less} m")


def _finding(code: str, path: str, text: str, value: Decimal, wanted: _Range) -> Finding:
    expected = f"{wanted[0]} m" if wanted[0] == wanted[1] else f"{wanted[0]} to {wanted[1]} m"
    return warning(code, path, text, value=value, expected=expected)
