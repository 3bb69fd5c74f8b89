"""Row 10: a quotation as PDF and preview, through the queue and a child process, or compiled on the spot."""

import datetime
from functools import partial
from pathlib import Path

import anyio

from benchmarks.measure import Effort, Line, Measured, Stopwatch, in_turns, p50_ms
from mcp_tasks import TaskQueue, TaskWorker
from mcp_tasks.app import open_queue
from mcp_tasks.predefined.quoting import GENERATE_PDF
from mcp_tasks.quotation.company import Company
from mcp_tasks.quotation.document import Client, Quotation, quotation_from_bom
from mcp_tasks.quotation.knowledge import load
from mcp_tasks.quotation.presentation import presentation
from mcp_tasks.quotation.preview import first_page
from mcp_tasks.quotation.quote import calculate
from mcp_tasks.quotation.render import compile_pdf
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.settings import Settings
from mcp_tasks.task import TaskStatus

_DAY = datetime.date(2026, 1, 15)
_ROOF = {
    "product_family": "ISODEC", "core_type": "EPS", "thickness_mm": 100, "usage": "techo", "length_m": 5,
    "width_m": 11, "structure": "metal",
}  # fmt: skip
_WARM = 3


def warm_pdf(folder: Path, effort: Effort) -> list[Line]:
    """The same quotation under a new number each time; everything is loaded before the clock starts."""
    bom = calculate(PanelRequest.model_validate(_ROOF), load(), _DAY)
    quotation = quotation_from_bom(bom, Client(name="Cliente de Muestra"), date=_DAY)
    n = effort.of(25)
    ours, bare = in_turns(
        folder, effort.rounds, partial(task_p50, quotation, n), partial(rendering_p50, quotation, n)
    )  # fmt: skip
    against = "typst compile + preview, in process"
    return [Measured("warm PDF task, submit to artifacts, p50", against, "ms", ours, bare, gate=1.5)]


def task_p50(quotation: Quotation, n: int, folder: Path) -> float:
    """Milliseconds from the submission of a quotation to its artifacts."""
    settings = Settings.read(data_dir=folder)

    async def main() -> float:
        laps: list[float] = []
        async with open_queue(settings) as queue, TaskWorker(queue, max_processes=1):
            for _ in range(_WARM + n):
                watch = Stopwatch()
                await _make(queue, quotation)
                laps.append(watch.lap())
        return p50_ms(laps[_WARM:])

    return anyio.run(main)


async def _make(queue: TaskQueue, quotation: Quotation) -> None:
    submitted = await queue.enqueue(GENERATE_PDF, quotation=quotation)
    task = await queue.wait(submitted.id)
    assert task.status is TaskStatus.COMPLETED, task.error
    assert len(task.artifacts) == 2


def rendering_p50(quotation: Quotation, n: int, _: Path) -> float:
    """Milliseconds to compile a quotation and draw its preview, in this process."""
    company = Company.load()
    logo = str(company.logo) if company.logo else None
    laps: list[float] = []
    for number in range(_WARM + n):
        watch = Stopwatch()
        compiled = compile_pdf(presentation(quotation, company, f"Q-2026-{number:04}", _DAY), logo)
        first_page(compiled.pdf)
        laps.append(watch.lap())
    return p50_ms(laps[_WARM:])
