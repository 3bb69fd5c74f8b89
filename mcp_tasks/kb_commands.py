"""The commands `mcp-tasks kb ...`: look at the catalog, the rules and the prices, change them, and change them back.

They work on the folder of the settings, without a queue; a running server takes a change up with its next task.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from mcp_tasks.cli_options import AsJson, Config, DataDir, print_json, read_settings
from mcp_tasks.errors import InvalidRequest

if TYPE_CHECKING:
    from mcp_tasks.quotation.published_kb.proposal import Decisions, Proposal
    from mcp_tasks.quotation.validation.report import KnowledgeReport
    from mcp_tasks.quotation.versions import KnowledgeVersions

_BY = "command line"

kb = typer.Typer(name="kb", help="Look after the catalog, the rules and the prices.", no_args_is_help=True)

ShowAll = Annotated[bool, typer.Option("--all", help="Show every finding, not the first five of a kind.")]


@kb.command()
def validate(
    directory: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            file_okay=False,
            help="A folder of knowledge, ours or of the published shape. Default: what is quoted from now.",
            show_default=False,
        ),
    ] = None,
    show_all: ShowAll = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Say everything that is wrong with a knowledge folder. Exit code 1: there are errors."""
    from mcp_tasks.kb_console import show_report
    from mcp_tasks.quotation.validation.in_force import validate_version

    versions = _versions(data_dir, config)
    version, today = versions.current(), datetime.now(ZoneInfo(read_settings(data_dir, config).timezone)).date()
    if directory is None:
        report = validate_version(versions, version, today, _now())
    else:
        report = _of_folder(directory, versions, today)
    if as_json:
        print_json(report)
    else:
        what = str(directory) if directory else f"version {version.number}, which is quoted from"
        show_report(report, what, most=None if show_all else 5)
    raise typer.Exit(1 if report.errors else 0)


@kb.command("import")
def import_(
    directory: Annotated[
        Path,
        typer.Argument(exists=True, file_okay=False, help="The folder of the published files.", show_default=False),
    ],
    as_list: Annotated[
        str | None,
        typer.Option(help="Id of the new price list. Default: published- and its month.", show_default=False),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help='JSON file: which item has the price of a product, {"SKU": "file#place"}; null leaves it out.',
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken.")] = False,
    show_all: ShowAll = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Take the prices over that are clear in bom_rules.json, accessories_catalog.json, bromyros_pricing_master.json.

    Everything else is said and left. Exit code 1: nothing could be taken.
    """
    from mcp_tasks.kb_console import show_import
    from mcp_tasks.quotation.published_kb.importing import Import, check_id, publish

    versions = _versions(data_dir, config)
    base, known = versions.current().number, [prices.id for prices in versions.knowledge().price_lists]
    proposal = _proposal(directory, versions, as_list, _decisions(decisions))
    check_id(proposal.prices.id, known)
    version = None
    if proposal.prices.rows and not dry_run:
        version = publish(versions, proposal.prices, base=base, by=_BY, now=_now()).number
    if as_json:
        print_json(Import(version=version, **dict(proposal)))
    else:
        show_import(proposal, version, dry_run=dry_run, most=None if show_all else 5)
    raise typer.Exit(0 if proposal.prices.rows else 1)


@kb.command()
def history(as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """List the versions of catalog, rules and prices, newest first, which is the one that is quoted from."""
    from mcp_tasks.kb_console import show_history

    versions = _versions(data_dir, config)
    kept, hides = versions.history(), versions.hides_the_package(versions.current())
    if as_json:
        typer.echo(json.dumps([version.model_dump(mode="json") for version in kept], indent=2))
    else:
        show_history(kept, _now().timestamp(), hides_the_package=hides)


@kb.command()
def rollback(data_dir: DataDir = None, config: Config = None) -> None:
    """Go back to the version before, which is published again under a new number."""
    versions = _versions(data_dir, config)
    version = versions.roll_back(by=_BY, at=_now().timestamp())
    typer.echo(f"Version {version.number} is now quoted from: {versions.history()[0].what}.")


def _versions(data_dir: Path | None, config: Path | None) -> "KnowledgeVersions":
    from mcp_tasks.quotation.versions import KnowledgeVersions

    return KnowledgeVersions(read_settings(data_dir, config).knowledge)


def _of_folder(folder: Path, versions: "KnowledgeVersions", today: date) -> "KnowledgeReport":
    """What is wrong with a folder of either shape; the published one is compared with what is quoted from."""
    from mcp_tasks.quotation.published_kb.item import digest_of, is_published
    from mcp_tasks.quotation.validation.check import validate
    from mcp_tasks.quotation.validation.report import report

    if is_published(folder):
        return report(_proposal(folder, versions, None, {}).findings, digest_of(folder), today, _now())
    return validate(folder, today, _now())


def _proposal(folder: Path, versions: "KnowledgeVersions", list_id: str | None, decisions: "Decisions") -> "Proposal":
    from mcp_tasks.quotation.published_kb.item import read
    from mcp_tasks.quotation.published_kb.proposal import propose

    return propose(read(folder), versions.knowledge(), list_id=list_id, decisions=decisions)


def _decisions(path: Path | None) -> "Decisions":
    from pydantic import TypeAdapter, ValidationError

    from mcp_tasks.quotation import strict_json

    if path is None:
        return {}
    try:
        return TypeAdapter(dict[str, str | None]).validate_python(strict_json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        fault = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
    except OSError as error:
        fault = f"the file cannot be read: {error.strerror}"
    except ValueError as error:
        fault = f"the file is not JSON in UTF-8: {error}"
    raise InvalidRequest(f"{path}: {fault}; write " + '{"SKU": "file#place of the item"}', field="decisions")


def _now() -> datetime:
    return datetime.now(UTC)
