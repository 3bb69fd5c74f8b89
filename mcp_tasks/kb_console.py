"""What `mcp-tasks kb` shows people: findings by kind, an import, the versions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from mcp_tasks.console import grid, moment, open_console, print_table, safe
from mcp_tasks.quotation.fields import plain
from mcp_tasks.quotation.validation.finding import Finding, status_of

if TYPE_CHECKING:
    from mcp_tasks.quotation.published_kb.proposal import Proposal, Undecided
    from mcp_tasks.quotation.validation.report import KnowledgeReport
    from mcp_tasks.quotation.versions import VersionInfo

_STYLES = {"error": "bold red", "warning": "yellow", "errors": "bold red", "warnings": "yellow", "ok": "green"}


def show_report(report: "KnowledgeReport", what: str, most: int | None) -> None:
    """The findings, at most so many of a kind, and what they come to."""
    console = open_console()
    _show_findings(console, report.findings, most)
    _show_counts(console, report.findings)
    said = _many(report.errors, "error"), _many(report.warnings, "warning")
    console.print(Text.assemble("Checked ", safe(what), ": ", (f"{said[0]}, {said[1]}.", _STYLES[report.status])))


def show_import(proposal: "Proposal", version: int | None, *, dry_run: bool, most: int | None) -> None:
    """What is odd, what a person must decide, and what was taken."""
    console = open_console()
    _show_findings(console, proposal.findings, most)
    _show_counts(console, proposal.findings)
    if proposal.undecided:
        _show_undecided(console, proposal.undecided)
    if proposal.without_price:
        missing = f"{_many(len(proposal.without_price), 'product')} of the catalog without a price there: "
        console.print(Text.assemble((missing, "dim"), ", ".join(proposal.without_price)))
        console.print()
    prices, errors = proposal.prices, sum(finding.level == "error" for finding in proposal.findings)
    console.print(
        Text.assemble(
            f"Price list {prices.id} of {prices.date}, tax {'included' if prices.tax_included else 'excluded'}: ",
            (f"{_many(len(prices.rows), 'price')} taken", "green" if prices.rows else "bold red"),
            f", {len(proposal.undecided)} undecided, {len(proposal.without_price)} not there. ",
            (
                f"{_many(errors, 'error')}, {_many(len(proposal.findings) - errors, 'warning')}.",
                _STYLES[status_of(proposal.findings)],
            ),
        )
    )
    if (against := proposal.compared) is not None:
        console.print(
            f"Against {against.price_list} of {against.date}: {_many(against.comparable, 'price')}, median change "
            f"{against.median_change_pct:+f} %, {against.above_20_pct or 'none'} "
            f"change{'s' if against.above_20_pct <= 1 else ''} by more than 20 %."
        )
    if version is not None:
        console.print(f"Published as version {version}. To undo it: mcp-tasks kb rollback")
    else:
        console.print("Nothing was changed (--dry-run)." if dry_run and prices.rows else "Nothing was changed.")


def show_history(versions: "Sequence[VersionInfo]", now: float, *, hides_the_package: bool) -> None:
    """Who changed what and when; the first line is in force, which may hide newer data of the package."""
    console = open_console()
    table = grid("VERSION", "WHEN", "BY", "WHAT")
    table.columns[-1].no_wrap = False
    for number, version in enumerate(versions):
        table.add_row(
            Text(str(version.number), "" if number else "bold green"),
            moment(version.at, now),
            safe(version.by),
            safe(version.what),
        )
    shipped = Text("what the package ships")
    if hides_the_package:
        shipped.append(f": newer than version {versions[0].number} was made from, which hides it", "yellow")
    table.add_row(Text("0", "" if versions else "bold green"), "", "", shipped)
    print_table(console, table)


def _show_findings(console: Console, findings: Iterable[Finding], most: int | None) -> None:
    """Errors first; the findings of a kind under one heading."""
    ordered = sorted(findings, key=lambda finding: (finding.level, finding.code))
    for (level, code), of_kind in groupby(ordered, key=lambda finding: (finding.level, finding.code)):
        same = list(of_kind)
        console.print(Text.assemble((level.upper(), _STYLES[level]), f" {code} ", (f"({len(same)})", "dim")))
        for finding in same[:most]:
            console.print(Text("  ").append(safe(finding.text)).append(_hint(finding)), soft_wrap=True)
            console.print(Text("    ", "dim").append(safe(finding.path)), soft_wrap=True)
        if most is not None and len(same) > most:
            console.print(Text(f"  and {len(same) - most} more: --all", "dim"))
        console.print()


def _show_counts(console: Console, findings: Iterable[Finding]) -> None:
    """How many of each kind, errors first."""
    counts = Counter((finding.level, finding.code) for finding in findings)
    if counts:
        table = grid("LEVEL", "CODE", "FINDINGS")
        for (level, code), count in sorted(counts.items()):
            table.add_row(Text(level, _STYLES[level]), code, str(count))
        print_table(console, table)
        console.print()


def _hint(finding: Finding) -> Text:
    """What stands there and what should, where the text does not say so already."""
    facts = [f"found {finding.value}" if finding.value is not None and finding.value not in finding.text else ""]
    facts.append(f"expected {finding.expected}" if finding.expected is not None else "")
    said = "; ".join(fact for fact in facts if fact)
    return safe(f" [{said}]" if said else "")


def _show_undecided(console: Console, undecided: "Iterable[Undecided]") -> None:
    console.print(Text("TO DECIDE", "bold"))
    table = grid("SKU", "PRODUCT", "PRICE", "ITEM")
    example = ""
    for product in undecided:
        for offer in product.offers:
            table.add_row(safe(product.sku), safe(product.name_es), plain(offer.price), safe(offer.path))
        example = f'{{"{product.sku}": "{product.offers[0].path}"}}'
    print_table(console, table)
    console.print(Text(f"Write the item that is right into a file for --decisions: {example}", "dim"), soft_wrap=True)
    console.print()


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
