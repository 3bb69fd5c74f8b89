"""What the search of earlier quotations says to people, in Spanish and in English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_tasks.settings import Language


@dataclass(frozen=True, slots=True)
class QuotationsPhrases:
    """What the search of earlier quotations says in one language."""

    title: str
    item: str
    revision: str
    revisions: str
    none: str
    more: str

    def page(self, page: Mapping[str, Any]) -> str:
        """A page of quotations (as JSON), a line each."""
        said = [line for item in page["items"] for line in self._lines(item)] or [self.none]
        if page["next_cursor"]:
            said.append(self.more.format(cursor=page["next_cursor"]))
        return "\n".join(said)

    def _lines(self, item: Mapping[str, Any]) -> Iterator[str]:
        revision = self.revision.format(**item) if item["revision"] > 1 else ""
        yield self.item.format(**{**item, "revision": revision, "title": item["title"] or "-"})
        if len(item["revisions"]) > 1:
            yield self.revisions.format(
                totals=", ".join("{revision}: {date}, {currency} {total}".format(**one) for one in item["revisions"])
            )


QUOTATIONS_PHRASES: Mapping[Language, QuotationsPhrases] = {
    "es": QuotationsPhrases(
        title="Buscar cotizaciones anteriores",
        item="{quotation_id}{revision}, {date}, {client}: {title}. Total {currency} {total}.",
        revision=", revisión {revision}",
        revisions="Revisiones: {totals}.",
        none="No hay ninguna cotización así entre las que se revisaron.",
        more="Hay más antiguas: search_quotations con cursor {cursor} y lo mismo.",
    ),
    "en": QuotationsPhrases(
        title="Find earlier quotations",
        item="{quotation_id}{revision}, {date}, {client}: {title}. Total {currency} {total}.",
        revision=", revision {revision}",
        revisions="Revisions: {totals}.",
        none="There is no such quotation among those looked at.",
        more="There are older ones: search_quotations with cursor {cursor} and the same.",
    ),
}
