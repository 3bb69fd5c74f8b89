"""What a calculation took for granted, each sentence once: several parts mostly assume the same."""

from collections.abc import Iterable

from mcp_tasks.quotation.bom import Assumption, Bom
from mcp_tasks.quotation.sale_words import SaleWords


def assumptions_said(assumptions: Iterable[Assumption], bom: Bom, words: SaleWords) -> list[str]:
    """The sentences; what only some of the parts assume begins with the titles of those."""
    of_parts: dict[str, list[str]] = {}
    for assumed in assumptions:
        title = _title(assumed, bom, words)
        said = words.assumption(assumed, bom).removeprefix(f"{title}: ")
        of_parts.setdefault(said, []).append(title)
    calculated = sum(part.panel_count > 0 for part in bom.parts)
    return [said if len(titles) >= calculated else f"{', '.join(titles)}: {said}" for said, titles in of_parts.items()]


def _title(assumed: Assumption, bom: Bom, words: SaleWords) -> str:
    """Of the part that it is about; nothing where there are no parts."""
    if not bom.parts:
        return ""
    place = assumed.field.split(".")[:-1]
    return words.title(bom.parts[int(place[1]) if place else 0].title)
