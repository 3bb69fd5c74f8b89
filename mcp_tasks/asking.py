"""What a calculation asks before it assumes: the request with the answers, or the questions that are open."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import ValidationError

from mcp_tasks.context import NeedsAnswers
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.phrases import Phrases
from mcp_tasks.quotation.fields import LONGEST_M, SHORTEST_M
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.terms import Structure
from mcp_tasks.repair import fields_of, invalid_request, shown
from mcp_tasks.task import Json, Question

Asked = Literal["span_m", "structure"]
"""What is worth an interruption: it changes how much to buy, and only the customer knows it."""

_FORMS: Mapping[Asked, Json] = {
    "span_m": {"type": "number", "minimum": float(SHORTEST_M), "maximum": float(LONGEST_M)},
    "structure": {"type": "string", "enum": list(get_args(Structure))},
}


def completed(
    request: PanelRequest, answers: Mapping[str, Any], max_span_m: Decimal | None, phrases: Phrases
) -> PanelRequest:
    """`request` with the answers in it; `max_span_m` is what its panel carries as a roof.

    Raises `NeedsAnswers` as long as something is missing, or was answered with what cannot be taken.
    """
    missing: list[Asked] = [f for f in _missing(request) if not _takes(request, f, answers.get(f))]
    if missing:
        raise NeedsAnswers(*(_question(field, answers.get(field), max_span_m, phrases) for field in missing))
    return _with(request, {field: answers[field] for field in _missing(request)})


def check_answers(params: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """Refuse answers that the task with these parameters would not take. Raises `InvalidRequest`."""
    request = PanelRequest.model_validate(params["request"])
    for field, answer in answers.items():
        if answer is None:
            raise InvalidRequest(f"answers.{field}: this answer is empty", field=f"answers.{field}")
    try:
        _with(request, answers)
    except ValidationError as error:
        raise invalid_request(error, fields_of(PanelRequest), at="answers") from error


def _missing(request: PanelRequest) -> Iterable[Asked]:
    if request.panels_only:
        return
    if request.usage == "techo" and request.span_m is None:
        yield "span_m"
    if request.structure is None:
        yield "structure"


def _takes(request: PanelRequest, field: Asked, answer: object) -> bool:
    try:
        return getattr(_with(request, {field: answer}), field) is not None
    except ValidationError:
        return False


def _with(request: PanelRequest, answers: Mapping[str, Any]) -> PanelRequest:
    return PanelRequest.model_validate(request.model_dump(exclude_unset=True) | dict(answers))


def _question(field: Asked, refused: object, max_span_m: Decimal | None, phrases: Phrases) -> Question:
    """The question, again if what was answered is `refused`."""
    text = {"span_m": phrases.span_question(max_span_m), "structure": phrases.ask_structure}[field]
    if refused is not None:
        text = phrases.ask_again.format(answer=shown(refused), question=text)
    return Question(field, text, _FORMS[field])
