"""What a calculation asks before it assumes: the order with the answers, or the questions that are open."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import ValidationError

from mcp_tasks.context import NeedsAnswers
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.phrases import Phrases
from mcp_tasks.quotation.fields import LONGEST_M, SHORTEST_M
from mcp_tasks.quotation.order import Order
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
    order: Order, answers: Mapping[str, Any], max_span_m: Callable[[PanelRequest], Decimal | None], phrases: Phrases
) -> Order:
    """`order` with the answers in it; `max_span_m` tells what the panel of a request carries as a roof.

    Raises `NeedsAnswers` as long as something is missing, or was answered with what cannot be taken.
    """
    asked: dict[tuple[Asked, str], list[int]] = {}
    for number, request in enumerate(order.requests):
        for field in _missing(request):
            answer = answers.get(order.field(number, field))
            if not _takes(request, field, answer):
                text = _text(field, answer, max_span_m(request), phrases)
                asked.setdefault((field, text), []).append(number)
    if asked:
        raise NeedsAnswers(*_questions(order, asked))
    return answered(order, answers)


def _questions(order: Order, asked: Mapping[tuple[Asked, str], Sequence[int]]) -> Iterable[Question]:
    """A question for each field that takes an answer; where several requests ask the same, in the same words."""
    for (field, text), numbers in asked.items():
        which = ", ".join(f"{number + 1}. {_in_short(order.requests[number])}" for number in numbers)
        for number in numbers:
            said = f"{which}: {text}" if len(order.requests) > 1 else text
            yield Question(order.field(number, field), said, _FORMS[field])


def answered(order: Order, answers: Mapping[str, Any]) -> Order:
    """`order` with the answers to what it asks. Raises pydantic's ValidationError for those it cannot take."""
    given = [_for(order, number, answers) for number in range(len(order.requests))]
    requests = (_with(r, own) if own else r for r, own in zip(order.requests, given, strict=True))
    return order.model_copy(update={"requests": tuple(requests)})


def check_answers(params: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """Refuse answers that the task with these parameters would not take. Raises `InvalidRequest`."""
    order = Order.model_validate(params["order"])
    for field, answer in answers.items():
        if answer is None:
            raise InvalidRequest(f"answers.{field}: this answer is empty", field=f"answers.{field}")
    for number, request in enumerate(order.requests):
        try:
            _with(request, _for(order, number, answers))
        except ValidationError as error:
            at = f"answers.{order.field(number, '')}".removesuffix(".")
            raise invalid_request(error, fields_of(PanelRequest), at=at) from error


def _missing(request: PanelRequest) -> Iterable[Asked]:
    """What is to be asked of a request."""
    if not request.ask_missing or request.panels_only:
        return
    if request.usage == "techo" and request.span_m is None:
        yield "span_m"
    if request.structure is None:
        yield "structure"


def _for(order: Order, number: int, answers: Mapping[str, Any]) -> dict[Asked, Any]:
    """The answers to what that request asks, by its own fields."""
    given: dict[Asked, Any] = {}
    for field in _missing(order.requests[number]):
        name = order.field(number, field)
        if name in answers:
            given[field] = answers[name]
    return given


def _takes(request: PanelRequest, field: Asked, answer: object) -> bool:
    try:
        return getattr(_with(request, {field: answer}), field) is not None
    except ValidationError:
        return False


def _with(request: PanelRequest, answers: Mapping[Asked, Any]) -> PanelRequest:
    return PanelRequest.model_validate(request.model_dump(exclude_unset=True) | dict(answers))


def _text(field: Asked, refused: object, max_span_m: Decimal | None, phrases: Phrases) -> str:
    """The question, again if what was answered is `refused`."""
    text = {"span_m": phrases.span_question(max_span_m), "structure": phrases.ask_structure}[field]
    return text if refused is None else phrases.ask_again.format(answer=shown(refused), question=text)


def _in_short(request: PanelRequest) -> str:
    thicknesses = "/".join(map(str, request.thicknesses_mm))
    return f"{request.product_family} {thicknesses} mm" if thicknesses else request.product_family
