"""What is spelt almost as something else, and so never found by who means that."""

from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import get_args

from mcp_tasks.quotation.search_words import joined
from mcp_tasks.quotation.terms import Kind, OtherKind
from mcp_tasks.quotation.validation.files import PRODUCTS, rows
from mcp_tasks.quotation.validation.finding import Finding, warning
from mcp_tasks.quotation.validation.identity import names_of_products
from mcp_tasks.quotation.validation.subject import Subject
from mcp_tasks.spelling import folded

_KINDS: frozenset[str] = frozenset({*get_args(Kind), *get_args(OtherKind)})
_ALIKE = 0.8  # of 1: one letter of five is another


def misspelt_kinds(subject: Subject) -> Iterator[Finding]:
    """Accessories of a kind that nothing asks for, and that looks like a known one."""
    for number, row in rows(subject.files.products, "accessories"):
        kind = row.get("kind")
        if not isinstance(kind, str) or kind in _KINDS:
            continue
        for meant in get_close_matches(folded(kind), _KINDS, n=1, cutoff=_ALIKE):
            text = f"no calculation takes an accessory of kind {kind}"
            path = f"{PRODUCTS}#accessories.{number}.kind"
            yield warning("kind_misspelt", path, text, value=kind, expected=meant)


def names_too_alike(subject: Subject) -> Iterator[Finding]:
    """A SKU or alias that only case, accents, spaces, dots or hyphens tell from that of another product.

    Who writes neither of them exactly is not understood.
    """
    alike: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for path, sku, _, name in names_of_products(subject):
        first = next((said for said in alike[joined(name)] if said[1] != sku and said[2] != name), None)
        if first:
            text = f"{name} looks like {first[2]}, which stands for {first[1]}, at {first[0]}"
            yield warning("names_too_alike", path, text, value=name, expected="a name of its own")
        alike[joined(name)].append((path, sku, name))
