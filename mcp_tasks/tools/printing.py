"""What submit_pdf prints: lines that are given, a calculation that is done, or a quotation as it was sent."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from mcp_tasks.errors import InvalidRequest, TaskNotFound
from mcp_tasks.predefined.quoting import CALCULATE_BOM
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.bom import Bom
from mcp_tasks.quotation.document import Client, Language, Quotation, QuotationId, quotation_from_bom
from mcp_tasks.quotation.fields import Model, Whole, one_of
from mcp_tasks.task import Record, Task, TaskStatus
from mcp_tasks.tools.earlier import order_of, under_number, unknown_number

_MOST_REVISIONS = 20  # that a refusal names
_GIVERS = {
    "quotation": (),
    "bom_task_id": ("client", "language"),
    "quotation_id": ("revision", "language"),
}
"""What may be printed, and which arguments go with each."""

_INSTEAD = {
    "client": "it goes with bom_task_id; an earlier quotation is for whom it was, and submit_quotation(base_task_id, "
    "client) makes it for somebody else",
    "language": "it goes with bom_task_id or quotation_id; a quotation that you give has a language of its own",
    "revision": "it goes with quotation_id",
}
_EXAMPLE = {"bom_task_id": "task_id of a completed submit_bom", "client": {"name": "Ana"}}


class PdfArguments(Model):
    """What submit_pdf takes: a whole quotation, a calculation that is done and whom it is for, or an earlier number."""

    quotation: Quotation | None = Field(default=None, description="The whole quotation, when you have its lines")
    bom_task_id: str | None = Field(
        default=None, max_length=100, description="task_id of a completed submit_bom; needs client as well"
    )
    client: Client | None = Field(default=None, description="Whom the quotation of bom_task_id is for")
    quotation_id: QuotationId | None = Field(
        default=None, description="An earlier quotation, by its number, to print again as it was sent"
    )
    revision: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="Of quotation_id; default the newest"
    )
    language: Annotated[Language, one_of("es", "en")] | None = Field(
        default=None,
        description="With bom_task_id or quotation_id; default that of the server, or that in which it was sent",
    )


async def printed(arguments: PdfArguments, queue: TaskQueue, owner: str, language: Language) -> Mapping[str, Any]:
    """The parameters of the task that prints it; `language` is used where nobody says one.

    Raises `InvalidRequest` for arguments that do not go together, and for what there is not.
    """
    _check_together(arguments)
    if arguments.quotation is not None:
        return {"quotation": arguments.quotation}
    if arguments.quotation_id is not None:
        record = await _on_record(arguments.quotation_id, arguments.revision, queue, owner)
        return {"quotation": _as_sent(record, arguments.language), "again": True}
    assert arguments.bom_task_id is not None
    assert arguments.client is not None
    task = await _finished(arguments.bom_task_id, queue, owner)
    bom = Bom.model_validate(task.result)
    quotation = _sold(bom, arguments.client, arguments.language or language)
    return {"quotation": quotation, "order": order_of(task), "bom": bom}


def _check_together(arguments: PdfArguments) -> None:
    given = [name for name in _GIVERS if getattr(arguments, name) is not None]
    if len(given) != 1:
        field = given[0] if given else "quotation"
        raise InvalidRequest(
            f"{field}: give one of quotation, bom_task_id (with client) and quotation_id", field=field, example=_EXAMPLE
        )
    for name, instead in _INSTEAD.items():
        if getattr(arguments, name) is not None and name not in _GIVERS[given[0]]:
            raise InvalidRequest(f"{name}: {instead}", field=name)
    if arguments.bom_task_id is not None and arguments.client is None:
        raise InvalidRequest(
            "client: bom_task_id needs client: whom the quotation is for", field="client", example=_EXAMPLE
        )


async def _on_record(number: str, revision: int | None, queue: TaskQueue, owner: str) -> Record:
    found = await under_number(number, queue, owner, revision=revision, limit=1)
    if found:
        return found[0]
    others = await under_number(number, queue, owner, limit=_MOST_REVISIONS)
    if not others:
        raise await unknown_number(number, queue, owner)
    revisions = sorted(record.revision for record in others)
    raise InvalidRequest(
        f"revision: {others[0].key} has no revision {revision}; its newest is {revisions[-1]}",
        field="revision",
        received=revision,
        allowed=revisions,
    )


def _as_sent(record: Record, language: Language | None) -> Quotation:
    """The quotation of a record; in another language its calculated texts are made again, given lines stay."""
    content: Mapping[str, Any] = record.content
    sent = Quotation.model_validate(content["quotation"])
    if language not in (None, sent.language):
        if "bom" in content:
            bom = Bom.model_validate(content["bom"])
            sent = quotation_from_bom(bom, sent.client, date=sent.date, language=language)
        else:
            sent = sent.model_copy(update={"language": language})
    return sent.model_copy(update={"quotation_id": record.key, "revision": record.revision})


async def _finished(task_id: str, queue: TaskQueue, owner: str) -> Task:
    """A completed calculation; every refusal names bom_task_id."""
    try:
        task = await queue.get_task(task_id, owner=owner)
    except TaskNotFound as error:
        raise TaskNotFound(error.message, field="bom_task_id", received=error.received) from error
    if task.name != CALCULATE_BOM:
        raise InvalidRequest(
            f"bom_task_id: task {task.id} is a {task.name}, not a {CALCULATE_BOM}; name a task of submit_bom",
            field="bom_task_id",
            received=task_id,
        )
    if task.status is not TaskStatus.COMPLETED:
        raise InvalidRequest(
            f"bom_task_id: task {task.id} is {task.status}, not completed; wait for it with task_status",
            field="bom_task_id",
            received=task_id,
        )
    return task


def _sold(bom: Bom, client: Client, language: Language) -> Quotation:
    try:
        return quotation_from_bom(bom, client, language=language)
    except ValidationError as error:
        raise InvalidRequest(
            "bom_task_id: none of its lines has a price, so there is nothing to sell", field="bom_task_id"
        ) from error
