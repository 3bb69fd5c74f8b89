"""What the tools that only look something up say to people, in Spanish and in English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mcp_tasks.quotation.english import ENGLISH
from mcp_tasks.quotation.numerals import Numerals
from mcp_tasks.quotation.spanish import SPANISH
from mcp_tasks.settings import Language

_FIGURES = ("max_span_m", "resistance_m2k_w", "transmittance_w_m2k", "saving_pct")


@dataclass(frozen=True, slots=True)
class ComparisonPhrases:
    """What the comparison of panels says in one language; figures are written as the language does."""

    numbers: Numerals
    title: str
    panel: str
    carries: str
    short: str
    near_max: str
    price: str
    insulation: str
    saving: str
    listed: str
    tax: Mapping[bool, str]
    stale: str

    def comparison(self, comparison: Mapping[str, Any]) -> str:
        """A comparison (as JSON): what is recommended, a line for each panel that will do, and what to know of it."""
        recommended = comparison["recommended"]
        said = [recommended["text"]] if recommended else []
        short = [panel["sku"] for panel in comparison["panels"] if panel["carries"] is False]
        said += [self._panel(panel) for panel in comparison["panels"] if panel["carries"] is not False]
        said += [self.short.format(skus=", ".join(short))] if short else []
        price = next((panel["price"] for panel in comparison["panels"] if panel["price"]), None)
        if price:
            day = self.numbers.day(date.fromisoformat(price["date"]))
            said.append(self.listed.format(id=price["price_list"], day=day, tax=self.tax[price["tax_included"]]))
            said += [self.stale] if price["stale"] else []
        return "\n".join([*said, *comparison["missing"], comparison["notice"]])

    def _panel(self, panel: Mapping[str, Any]) -> str:
        figures: dict[str, Any] = {**panel, **{name: self._amount(panel[name]) for name in _FIGURES}}
        facts: list[str] = []
        if panel["carries"]:
            facts.append((self.near_max if panel["near_max"] else self.carries).format(**figures))
        if panel["price"]:
            facts.append(self.price.format(price=self.numbers.dollars(Decimal(panel["price"]["unit_price"]))))
        if panel["transmittance_w_m2k"]:
            facts.append(self.insulation.format(**figures))
        if panel["saving_against_mm"] not in (None, panel["thickness_mm"]):
            facts.append(self.saving.format(**figures))
        return self.panel.format(**panel, facts="; ".join(facts))

    def _amount(self, figure: str | None) -> str | None:
        """A figure of the result with the marks of the language."""
        return figure and self.numbers.amount(Decimal(figure), 0)


@dataclass(frozen=True, slots=True)
class ReportPhrases:
    """What the last reports say in one language."""

    title: str
    reported: str
    none: str
    next_run: str
    not_planned: str
    day: str

    def report(self, report: Mapping[str, Any]) -> str:
        """The last report of a name (as JSON) in a few lines: its plain figures, and when the next one comes."""
        result: Mapping[str, Any] | None = report["result"]
        if result is None:
            said = [self.none.format(**report)]
        else:
            plain = {name: value for name, value in result.items() if isinstance(value, str | int | float)}
            said = [self.reported.format(**report), ", ".join(f"{name}: {value}" for name, value in plain.items())]
            if "quotations" in result:
                said.append(self._day(result))
        said.append((self.next_run if report["next_run"] else self.not_planned).format(**report))
        return "\n".join(said)

    def _day(self, stats: Mapping[str, Any]) -> str:
        tasks = sum(one["completed"] + one["failed"] + one["cancelled"] for one in stats["tasks"])
        return self.day.format(tasks=tasks, **stats["quotations"])


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


@dataclass(frozen=True, slots=True)
class LookupPhrases:
    """One language."""

    comparison: ComparisonPhrases
    report: ReportPhrases
    quotations: QuotationsPhrases


LOOKUP_PHRASES: Mapping[Language, LookupPhrases] = {
    "es": LookupPhrases(
        comparison=ComparisonPhrases(
            numbers=SPANISH,
            title="Comparar paneles: luz, precio y aislación",
            panel="{sku} {name_es}: {facts}",
            carries="cubre (máximo {max_span_m} m)",
            short="No cubren esa luz: {skus}.",
            near_max="cubre, cerca de su máximo de {max_span_m} m",
            price="{price} por m²",
            insulation="R {resistance_m2k_w} m²K/W, U {transmittance_w_m2k} W/m²K",
            saving="{saving_pct} % menos calor que el de {saving_against_mm} mm",
            listed="Precios de la lista {id}, del {day}, {tax}.",
            tax={True: "IVA incluido", False: "más IVA"},
            stale="Esa lista tiene más de 60 días: hay que confirmar los precios.",
        ),
        report=ReportPhrases(
            title="Último informe de una tarea programada",
            reported="{name}: último informe del {at}.",
            none="{name}: todavía no hay ningún informe.",
            next_run="Próxima ejecución: {next_run}.",
            not_planned="No está programada.",
            day="Tareas terminadas: {tasks}. Cotizaciones: {quotations}, {m2} m².",
        ),
        quotations=QuotationsPhrases(
            title="Buscar cotizaciones anteriores",
            item="{quotation_id}{revision}, {date}, {client}: {title}. Total {currency} {total}.",
            revision=", revisión {revision}",
            revisions="Revisiones: {totals}.",
            none="No hay ninguna cotización así entre las que se revisaron.",
            more="Hay más antiguas: search_quotations con cursor {cursor} y lo mismo.",
        ),
    ),
    "en": LookupPhrases(
        comparison=ComparisonPhrases(
            numbers=ENGLISH,
            title="Compare panels: span, price and insulation",
            panel="{sku} {name_es}: {facts}",
            carries="carries it (maximum {max_span_m} m)",
            short="Do not carry that span: {skus}.",
            near_max="carries it, near its maximum of {max_span_m} m",
            price="{price} per m²",
            insulation="R {resistance_m2k_w} m²K/W, U {transmittance_w_m2k} W/m²K",
            saving="{saving_pct} % less heat than the {saving_against_mm} mm one",
            listed="Prices of the list {id}, of {day}, {tax}.",
            tax={True: "VAT included", False: "plus VAT"},
            stale="That list is more than 60 days old: the prices have to be confirmed.",
        ),
        report=ReportPhrases(
            title="Last report of a scheduled task",
            reported="{name}: last report of {at}.",
            none="{name}: there is no report yet.",
            next_run="Next run: {next_run}.",
            not_planned="It is not scheduled.",
            day="Finished tasks: {tasks}. Quotations: {quotations}, {m2} m².",
        ),
        quotations=QuotationsPhrases(
            title="Find earlier quotations",
            item="{quotation_id}{revision}, {date}, {client}: {title}. Total {currency} {total}.",
            revision=", revision {revision}",
            revisions="Revisions: {totals}.",
            none="There is no such quotation among those looked at.",
            more="There are older ones: search_quotations with cursor {cursor} and the same.",
        ),
    ),
}
