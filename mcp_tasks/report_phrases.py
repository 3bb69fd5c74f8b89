"""What the last reports say to people, in Spanish and in English: in words, and in the time of the place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from mcp_tasks.phrases import PHRASES, PricePhrases
from mcp_tasks.quotation.english import ENGLISH
from mcp_tasks.quotation.numerals import Numerals
from mcp_tasks.quotation.spanish import SPANISH
from mcp_tasks.settings import Language

_NAMED = 6  # families, or kinds of findings, in a sentence


@dataclass(frozen=True, slots=True)
class ReportPhrases:
    """One language. Texts with braces are filled by the methods; figures are written as the language does."""

    numbers: Numerals
    prices: PricePhrases
    title: str
    names: Mapping[str, str]
    reported: str
    none: str
    next_run: str
    not_planned: str
    removed: Mapping[bool, str]
    day: str
    sold: str
    families: str
    usages: Mapping[str | None, str]
    other_lines: str
    tasks: str
    failures: str
    checked: str
    counts: str
    skipped: str

    def report(self, report: Mapping[str, Any], zone: tzinfo) -> str:
        """The last report of a name (as JSON) in a few lines, and when the next one comes."""
        result: Mapping[str, Any] | None = report["result"]
        name = self.names[report["name"]]
        if result is None:
            said = [self.none.format(name=name)]
        else:
            said = [self.reported.format(name=name, at=self._moment(report["at"], zone))]
            said += self._told(report["name"], result, zone)
        next_run = report["next_run"]
        said.append(self.next_run.format(at=self._moment(next_run, zone)) if next_run else self.not_planned)
        return "\n".join(said)

    def _told(self, name: str, result: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
        match name:
            case "cleanup_old_tasks":
                megabytes = Decimal(result["bytes"] + result["orphan_bytes"]) / 1_000_000
                freed = self.numbers.amount(megabytes.quantize(Decimal("0.1")), 1)
                yield self.removed[result["dry_run"]].format(**result, megabytes=freed)
            case "daily_stats_report":
                yield from self._day(result)
            case "validate_kb":
                yield from self._check(result, zone)
            case _:
                yield self.prices.sync(result)

    def _day(self, stats: Mapping[str, Any]) -> Iterator[str]:
        quotations = stats["quotations"]
        day = self.numbers.day(date.fromisoformat(stats["day"]))
        yield self.day.format(day=day, n=quotations["quotations"], sold=self._sold(quotations))
        families = [
            f"{self._family(sold)}: {sold['quotations']}, {self._sold(sold)}" for sold in quotations["by_family"]
        ]
        if families:
            yield self.families.format(families="; ".join(families[:_NAMED]))
        tasks = stats["tasks"]
        failed = sum(one["failed"] for one in tasks)
        done = failed + sum(one["completed"] + one["cancelled"] for one in tasks)
        why = ", ".join(f"{one['name']} {one['failed']}" for one in tasks if one["failed"])
        yield self.tasks.format(n=done, failed=failed, why=self.failures.format(why=why) if why else "")

    def _sold(self, figures: Mapping[str, Any]) -> str:
        """How much was quoted: square metres and money."""
        money = " + ".join(self.numbers.dollars(Decimal(amount["total"])) for amount in figures["totals"])
        area = self.numbers.area(Decimal(figures["m2"]))
        return self.sold.format(area=area, total=money or self.numbers.dollars(Decimal(0)))

    def _family(self, sold: Mapping[str, Any]) -> str:
        if sold["family"] is None:
            return self.other_lines
        return f"{self.usages[sold['usage']]} {sold['family']} {sold['core']}"

    def _check(self, found: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
        kinds = ", ".join(f"{code} {n}" for code, n in list(found["counts"].items())[:_NAMED])
        counts = self.counts.format(kinds=kinds) if kinds else ""
        yield self.checked.format(errors=found["errors"], warnings=found["warnings"], counts=counts)
        if found["skipped"]:
            yield self.skipped.format(at=self._moment(found["checked_at"], zone))

    def _moment(self, instant: str, zone: tzinfo) -> str:
        """An instant of a result, as the clocks there show it."""
        local = datetime.fromisoformat(instant).astimezone(zone)
        return f"{self.numbers.day(local.date())} {local:%H:%M}"


REPORT_PHRASES: Mapping[Language, ReportPhrases] = {
    "es": ReportPhrases(
        numbers=SPANISH,
        prices=PHRASES["es"].prices,
        title="Último informe de una tarea programada",
        names={
            "cleanup_old_tasks": "Limpieza de tareas viejas",
            "daily_stats_report": "Informe diario",
            "validate_kb": "Control del catálogo y los precios",
            "sync_prices": "Actualización de precios",
        },
        reported="{name}, del {at}:",
        none="{name}: todavía no hay ningún informe.",
        next_run="Próxima vez: {at}.",
        not_planned="No está programada.",
        removed={
            False: "Se borró: tareas {tasks}, archivos {files}, informes {reports}; {megabytes} MB liberados.",
            True: "Nada borrado; se borraría: tareas {tasks}, archivos {files}, informes {reports}; {megabytes} MB.",
        },
        day="Día {day}. Cotizaciones: {n}; {sold}.",
        sold="{area}, {total} IVA incluido",
        families="Por familia: {families}.",
        usages={"techo": "Techo", "pared": "Fachada", "camara": "Cámara", None: ""},
        other_lines="Accesorios y otros",
        tasks="Tareas terminadas: {n}; con error: {failed}{why}.",
        failures=" ({why})",
        checked="Errores: {errors}. Advertencias: {warnings}{counts}.",
        counts=" ({kinds})",
        skipped="Los archivos no cambiaron desde el control del {at}.",
    ),
    "en": ReportPhrases(
        numbers=ENGLISH,
        prices=PHRASES["en"].prices,
        title="Last report of a scheduled task",
        names={
            "cleanup_old_tasks": "Cleanup of old tasks",
            "daily_stats_report": "Daily report",
            "validate_kb": "Check of the catalog and prices",
            "sync_prices": "Update of prices",
        },
        reported="{name}, of {at}:",
        none="{name}: there is no report yet.",
        next_run="Next time: {at}.",
        not_planned="It is not scheduled.",
        removed={
            False: "Deleted: tasks {tasks}, files {files}, reports {reports}; {megabytes} MB freed.",
            True: "Nothing was deleted; would be: tasks {tasks}, files {files}, reports {reports}; {megabytes} MB.",
        },
        day="Day {day}. Quotations: {n}; {sold}.",
        sold="{area}, {total} VAT included",
        families="By family: {families}.",
        usages={"techo": "Roof", "pared": "Wall", "camara": "Cold room", None: ""},
        other_lines="Accessories and others",
        tasks="Finished tasks: {n}; failed: {failed}{why}.",
        failures=" ({why})",
        checked="Errors: {errors}. Warnings: {warnings}{counts}.",
        counts=" ({kinds})",
        skipped="The files have not changed since the check of {at}.",
    ),
}
