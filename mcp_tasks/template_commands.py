"""The commands `mcp-tasks template ...`: how a company comes to quotations that look like its own."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="template", help="The layout, the words and the company of quotations.", no_args_is_help=True)


@app.callback()
def template() -> None:
    """The layout, the words and the company of quotations."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Write the built-in template, texts, company and logo into a folder, to be changed there."""
    from mcp_tasks.quotation.stationery import export as write

    for path in write(folder, overwrite=force):
        typer.echo(path)
    typer.echo(
        f"\nChange what you like; {folder / 'README.md'} says what is what. Then quote with it:\n"
        f"  mcp-tasks serve --template {folder}\n"
        f"or set MCP_TASKS_TEMPLATE_FILE={folder.absolute()}"
    )
