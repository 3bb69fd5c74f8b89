"""What the commands share: options that mean the same everywhere, and JSON for programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

    from mcp_tasks.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the queue. Default: MCP_TASKS_DATA_DIR, else your user data folder.", show_default=False
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(help="JSON file of settings. Default: the one that MCP_TASKS_CONFIG names.", show_default=False),
]
Template = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        help="Layout of quotations: a Typst file, or a folder of `template export`. Default: the built-in one.",
        show_default=False,
    ),
]
Company = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="JSON file of the company that quotes. Default: the one beside the template, else a sample.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def read_settings(data_dir: Path | None, config: Path | None, **flags: object) -> "Settings":
    """The settings with what the flags say. Raises `InvalidRequest`."""
    from mcp_tasks.settings import Settings

    return Settings.read(data_dir=data_dir, config=config, **flags)


def print_json(view: "BaseModel") -> None:
    """A whole answer, on stdout."""
    typer.echo(view.model_dump_json(indent=2))
