"""The commands `mcp-tasks template ...`: how a company comes to quotations that look like its own."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from mcp_tasks.cli_options import Company

templates = typer.Typer(
    name="template", help="The layout, the words and the company of quotations.", no_args_is_help=True
)


@templates.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Write the built-in template, texts, company and logo into a folder, to be changed there."""
    from mcp_tasks.quotation.stationery import export as write

    for path in write(folder, overwrite=force):
        typer.echo(path)
    typer.echo(
        f"\nChange what you like; {folder / 'README.md'} says what is what. Look at it, and quote with it:\n"
        f"  mcp-tasks template preview {folder}\n"
        f"  mcp-tasks serve --template {folder}\n"
        f"or set MCP_TASKS_TEMPLATE_FILE={folder.absolute()}"
    )


@templates.command()
def preview(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", exists=True, help="The template: a file, or a folder.", show_default=False),
    ],
    company: Company = None,
    language: Annotated[str, typer.Option(help="es or en.")] = "es",
    output: Annotated[Path, typer.Option(help="Where the PDF goes.")] = Path("preview.pdf"),
) -> None:
    """Print a sample quotation, to see a template and its faults before a client does. It takes no number."""
    from mcp_tasks.errors import InvalidRequest
    from mcp_tasks.quotation.presentation import presentation
    from mcp_tasks.quotation.render import compile_pdf
    from mcp_tasks.quotation.sample import NUMBER, sample
    from mcp_tasks.quotation.stationery import read_stationery

    if language not in ("es", "en"):
        raise InvalidRequest(f"there is no language {language!r}", field="language", allowed=["es", "en"])
    paper = read_stationery(path, company, language)
    logo = paper.company.logo
    shown = presentation(sample(language), paper.company, NUMBER, datetime.date.today(), paper.texts)
    made = compile_pdf(shown, logo and str(logo), str(paper.template))
    try:
        output.write_bytes(made.pdf)
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written ({error.strerror}); name another --output") from error
    if made.logo_fault:
        typer.echo(f"The logo {logo} is left out: {made.logo_fault}", err=True)
    if not made.archival:
        typer.echo(f"No font has {made.unprintable}: the PDF is not archival.", err=True)
    typer.echo(output)
