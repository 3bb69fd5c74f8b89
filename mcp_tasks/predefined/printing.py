"""How a task prints a quotation: on the stationery of the settings, in a child process."""

import logging
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio.to_thread

from mcp_tasks.context import TaskContext
from mcp_tasks.quotation.document import Language, Quotation
from mcp_tasks.settings import Settings
from mcp_tasks.task import Json

if TYPE_CHECKING:
    from mcp_tasks.quotation.stationery import Stationery

_RENDER = "mcp_tasks.quotation.render:render_in_child"
_log = logging.getLogger(__name__)


class Printer:
    """Prints for one company; what its customers would not see it tells the operators, in the log."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told_of: set[Path] = set()

    async def stationery(self, language: Language) -> "Stationery":
        """Template, company and words as they are now: an edited file counts from the next quotation on."""
        from mcp_tasks.quotation.stationery import read_stationery

        template, company = self._settings.template_file, self._settings.company_file
        return await anyio.to_thread.run_sync(read_stationery, template, company, language)

    async def print(
        self, quotation: Quotation, number: str, day: date, stationery: "Stationery", ctx: TaskContext
    ) -> dict[str, Any]:
        """Make the task's quotation.pdf and preview.png; returns `pages` and `archival`."""
        from mcp_tasks.quotation.presentation import presentation

        folder = ctx.artifact("quotation.pdf", "application/pdf").parent
        ctx.artifact("preview.png", "image/png")
        company = stationery.company
        payload = {
            "presentation": cast(Json, presentation(quotation, company, number, day, stationery.texts)),
            "folder": str(folder),
            "logo": str(company.logo.absolute()) if company.logo else None,
            "template": str(stationery.template),
        }
        rendered = cast(dict[str, Any], await ctx.call_process(_RENDER, payload))
        if company.logo and rendered["logo_fault"]:
            self._tell_of_logo(company.logo, rendered["logo_fault"])
        if unprintable := rendered["unprintable"]:
            codes = " ".join(f"U+{ord(c):04X}" for c in unprintable)
            _log.warning(
                "quotation %s: no font has %s (%s); a mark stands for each, and the PDF is not archival",
                number,
                unprintable,
                codes,
            )
        return {"pages": rendered["pages"], "archival": rendered["archival"]}

    def _tell_of_logo(self, logo: Path, fault: str) -> None:
        """Once for each file: a quotation is made without it, too."""
        if logo not in self._told_of:
            self._told_of.add(logo)
            _log.warning("the logo %s is left out of quotations, the company's name is in its place: %s", logo, fault)
