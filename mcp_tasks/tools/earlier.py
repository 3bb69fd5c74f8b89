"""What was ordered before: found by the task that calculated or quoted it, or by the number of its quotation.

Tasks are pruned after a while; the records of quotations stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcp_tasks.asking import answered
from mcp_tasks.errors import InvalidRequest, TaskNotFound
from mcp_tasks.predefined.kept import QUOTATION
from mcp_tasks.predefined.quoting import CALCULATE_BOM, GENERATE_PDF, MAKE_QUOTATION
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.document import Client
from mcp_tasks.quotation.order import Order
from mcp_tasks.repair import shown
from mcp_tasks.task import Record, Task, TaskStatus

FIELD = "base_task_id"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order, for whom it was quoted, and under which number; a calculation has neither client nor number."""

    order: Order
    client: Client | None
    number: str | None


async def find_earlier(name: str, queue: TaskQueue, owner: str) -> Earlier:
    """The order of that task of `owner`, or of the latest revision of that quotation.

    Raises `TaskNotFound`, or `InvalidRequest` for a task that ordered nothing or is not completed.
    """
    name = name.strip()
    found = await queue.records(QUOTATION, task_id=name, owner=owner, limit=1)
    for number in (name, name.upper()):
        found = found or await queue.records(QUOTATION, key=number, owner=owner, limit=1)
    return _quoted(found[0], name) if found else _calculated(await _task(name, queue, owner))


def _quoted(record: Record, name: str) -> Earlier:
    content: Mapping[str, Any] = record.content
    if "order" not in content:
        raise _unusable(
            name, f"{record.key} was made of given lines; to change it, call submit_pdf with its quotation_id"
        )
    client = Client.model_validate(content["quotation"]["client"])
    return Earlier(Order.model_validate(content["order"]), client, record.key)


def _calculated(task: Task) -> Earlier:
    if task.name not in {CALCULATE_BOM, MAKE_QUOTATION}:
        instead = "of given lines; submit_pdf prints them" if task.name == GENERATE_PDF else f"a {task.name}"
        raise _unusable(task.id, f"task {task.id} is {instead}; name one of submit_bom or submit_quotation")
    if task.status is not TaskStatus.COMPLETED:
        raise _unusable(task.id, f"task {task.id} is {task.status}, not completed; wait for it with task_status")
    return Earlier(answered(Order.model_validate(task.params["order"]), task.answers), None, None)


async def _task(name: str, queue: TaskQueue, owner: str) -> Task:
    try:
        return await queue.get_task(name, owner=owner)
    except TaskNotFound as error:
        text = f"{FIELD}: there is neither a task nor a quotation {shown(name)!r}; task_list shows the tasks there are"
        raise TaskNotFound(text, field=FIELD, received=shown(name)) from error


def _unusable(name: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"{FIELD}: {why}", field=FIELD, received=shown(name))
