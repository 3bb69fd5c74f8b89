"""What the client has to know of the calculation behind a quotation."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.assumed import assumptions_said
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.sale_words import SaleWords

_WARNINGS = 20
"""How many warnings there is room for, each in a remark of its own."""


class Remarks(NamedTuple):
    """What was assumed, what to beware of, and the notice about the engineer; empty where nothing is built."""

    assumed: tuple[str, ...]
    warned: tuple[str, ...]
    notice: str


def remarks(bom: Bom, words: SaleWords, most: int, longest: int) -> Remarks:
    """At most `most` remarks of at most `longest` characters; where there are too many, sentences share one."""
    warned = list(_warned(bom, words))
    if len(warned) > _WARNINGS:
        warned = list(_together(warned, longest))
    if len(warned) > _WARNINGS:
        more = words.more_remarks.format(n=len(warned) - _WARNINGS + 1)
        warned = [*warned[: _WARNINGS - 1], more]
    assumed = list(_together(_assumed(bom, words), longest))
    return Remarks(tuple(assumed[: most - 1 - len(warned)]), tuple(warned), bom.notice and (words.notice or bom.notice))


def _assumed(bom: Bom, words: SaleWords) -> Iterator[str]:
    """What the calculation took for granted; each of several options took the longest span of its own panel."""
    own = [assumed for assumed in bom.assumptions if not (bom.comparison and assumed.field == "span_m")]
    texts = assumptions_said(own, bom, words)
    if len(own) < len(bom.assumptions):
        texts.append(words.own_span)
    if texts:
        yield from (words.assumed, *texts)


def _warned(bom: Bom, words: SaleWords) -> Iterator[str]:
    for warning in bom.warnings:
        if warning.for_client:
            yield words.warning(warning, bom)
    for option in bom.comparison:
        if option.missing_prices:
            missing = ", ".join(kind.replace("_", " ") for kind in option.missing_prices)
            yield words.no_price.format(name=f"{option.name_es}, {missing}")
    for line in () if bom.comparison else bom.lines:
        if line.unit_price is None:
            amount = f"{spanish.quantity(line.quantity, line.unit)} {spanish.unit(line.unit)}"
            yield words.no_price.format(name=f"{line.name_es} ({amount})")


def _together(sentences: Iterable[str], longest: int) -> Iterator[str]:
    """The sentences in as few paragraphs as hold them."""
    paragraph = ""
    for sentence in sentences:
        longer = f"{paragraph} {sentence}".strip()
        if len(longer) > longest:
            yield paragraph
            longer = sentence
        paragraph = longer
    if paragraph:
        yield paragraph
