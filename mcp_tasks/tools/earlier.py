"""What was ordered before: found by the task that calculated or quoted it, or by the number of its quotation.

Tasks are pruned after a while; the records of quotations stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcp_tasks.asking import answered
from mcp_tasks.errors import InvalidRequest, TaskNotFound
from mcp_tasks.predefined.bill_files import BillFormats
from mcp_tasks.predefined.kept import QUOTATION
from mcp_tasks.predefined.quoting import CALCULATE_BOM, GENERATE_PDF, MAKE_QUOTATION
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.document import Client, Language, Quotation
from mcp_tasks.quotation.order import Order
from mcp_tasks.repair import nearest, shown
from mcp_tasks.task import Record, Task, TaskStatus

FIELD = "base_task_id"

_NAMED = 5  # numbers in a refusal


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order, and of one that was quoted: for whom, under which number, and in what form.

    `parts` are the titles of its parts, where it has several.
    """

    order: Order
    parts: tuple[str, ...] = ()
    client: Client | None = None
    number: str | None = None
    language: Language | None = None
    formats: BillFormats | None = None


async def find_earlier(name: str, queue: TaskQueue, owner: str) -> Earlier:
    """The order of that task of `owner`, or of the latest revision of that quotation.

    Raises `TaskNotFound`, or `InvalidRequest` for a task that ordered nothing or is not completed.
    """
    name = name.strip()
    found = await queue.records(QUOTATION, task_id=name, owner=owner, limit=1)
    found = found or await under_number(name, queue, owner, limit=1)
    return _quoted(found[0], name) if found else _calculated(await _task(name, queue, owner))


async def under_number(
    number: str, queue: TaskQueue, owner: str, *, revision: int | None = None, limit: int
) -> list[Record]:
    """The revisions of that quotation of `owner`, newest first; "q-2026-0012" is Q-2026-0012, too."""
    number = number.strip()
    found = await queue.records(QUOTATION, key=number, owner=owner, revision=revision, limit=limit)
    return found or await queue.records(QUOTATION, key=number.upper(), owner=owner, revision=revision, limit=limit)


async def unknown_number(number: str, queue: TaskQueue, owner: str) -> InvalidRequest:
    """The refusal of a number that no quotation of `owner` has, with the latest ones."""
    latest = [record.key for record in await queue.records(QUOTATION, owner=owner, latest=True, limit=_NAMED)]
    meant = nearest(number, latest)
    instead = f"the latest are {', '.join(latest)}; search_quotations finds others" if latest else "there is none yet"
    return InvalidRequest(
        f"quotation_id: there is no quotation {shown(number)!r}; {instead}",
        field="quotation_id",
        received=shown(number),
        nearest=meant,
        example=latest[0] if latest else None,
    )


def _quoted(record: Record, name: str) -> Earlier:
    content: Mapping[str, Any] = record.content
    if "order" not in content:
        raise _unusable(
            name,
            f"{record.key} was made of given lines; submit_pdf(quotation_id) sends it again, and submit_pdf(quotation) "
            "with its quotation_id and all its lines changes it",
        )
    quotation, bom = Quotation.model_validate(content["quotation"]), content["bom"]
    return Earlier(
        Order.model_validate(content["order"]),
        _titles(bom),
        quotation.client,
        record.key,
        quotation.language,
        tuple(content.get("formats", ())),
    )


def _calculated(task: Task) -> Earlier:
    if task.name not in {CALCULATE_BOM, MAKE_QUOTATION}:
        instead = "of given lines; submit_pdf prints them" if task.name == GENERATE_PDF else f"a {task.name}"
        raise _unusable(task.id, f"task {task.id} is {instead}; name one of submit_bom or submit_quotation")
    if task.status is not TaskStatus.COMPLETED:
        raise _unusable(task.id, f"task {task.id} is {task.status}, not completed; wait for it with task_status")
    return Earlier(order_of(task), _titles(task.result))


def order_of(task: Task) -> Order:
    """What a task that calculated was to calculate, with what was answered to it."""
    return answered(Order.model_validate(task.params["order"]), task.answers)


def _titles(bom: Mapping[str, Any]) -> tuple[str, ...]:
    parts: Sequence[Mapping[str, Any]] = bom.get("parts", ())
    return tuple(part["title"] for part in parts)


async def _task(name: str, queue: TaskQueue, owner: str) -> Task:
    try:
        return await queue.get_task(name, owner=owner)
    except TaskNotFound as error:
        text = f"{FIELD}: there is neither a task nor a quotation {shown(name)!r}; task_list shows the tasks there are"
        raise TaskNotFound(text, field=FIELD, received=shown(name)) from error


def _unusable(name: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"{FIELD}: {why}", field=FIELD, received=shown(name))
