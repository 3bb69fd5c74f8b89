"""What the calculating tools take, and the order that a call comes to: new, or an earlier one with changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from mcp_tasks.errors import InvalidRequest, RequestError
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.changes import RequestChanges, changed
from mcp_tasks.quotation.fields import Model, Whole
from mcp_tasks.quotation.order import AccessoryItem, Order, Terms
from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.repair import hinted, moved
from mcp_tasks.tools.earlier import Earlier, find_earlier

_TERMS = tuple(Terms.model_fields)
_CHANGED = {"base_task_id": "Q-2026-0012", "changes": {"quantity_panels": 8}}
_ORDERED = {
    "request": {
        "product_family": "ISODEC",
        "core_type": "EPS",
        "thickness_mm": 100,
        "usage": "techo",
        "length_m": 5,
        "width_m": 11,
    }
}


class Ordered(Model):
    """A new order, or an earlier one again, as it was or with changes."""

    request: PanelRequest | None = Field(default=None, description="One roof, wall or cold room")
    requests: Annotated[tuple[PanelRequest, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="Instead of request: several that are quoted together, such as a roof and its walls"
    )
    accessories: Annotated[tuple[AccessoryItem, ...], Field(max_length=100)] | None = Field(
        default=None, description="Accessories sold by themselves, alone or beside requests"
    )
    base_task_id: Annotated[str, Field(max_length=100)] | None = Field(
        default=None,
        description="An earlier order, by its task_id or quotation_id; what else is given replaces that part of it",
    )
    changes: Annotated[RequestChanges, WithJsonSchema({"type": "object"})] | None = Field(
        default=None,
        description='With base_task_id: only the fields of its request that change, as in {"quantity_panels": 8}; '
        "null takes a value back",
    )
    part: Annotated[Whole, Field(ge=1, le=20)] | None = Field(
        default=None, description="With changes of an order of several parts: which of them, from 1, as in the document"
    )


class OrderArguments(Terms, Ordered):
    """What to calculate, and the terms of the whole."""


async def to_order(arguments: OrderArguments, queue: TaskQueue, owner: str) -> Earlier:
    """The order of a call; with a base, its client and number too.

    Raises `InvalidRequest` for arguments that do not go together, and what finding the base raises.
    """
    _check_together(arguments)
    terms = {name: value for name in _TERMS if (value := getattr(arguments, name)) is not None}
    if arguments.base_task_id is None:
        return Earlier(Order(requests=_requests(arguments), accessories=arguments.accessories or (), **terms))
    base = await find_earlier(arguments.base_task_id, queue, owner)
    return replace(base, order=_renewed(base, arguments, terms))


def in_words_of(arguments: OrderArguments, error: RequestError) -> RequestError:
    """The refusal of an order, with the names that the call has for what is refused."""
    if arguments.changes is None:
        return error if arguments.requests is None else moved(error, "request", "requests.0")
    place = "request" if arguments.part is None else f"requests.{arguments.part - 1}"
    said = moved(moved(error, place, "changes"), "request", "changes")
    place, _, name = (said.field or "").partition(".")
    if place != "changes" or said.received is None or name in arguments.changes.model_fields_set:
        return said
    return hinted(said, "the earlier order has it, and null takes it back")


def _check_together(arguments: OrderArguments) -> None:
    built = [name for name in ("request", "requests") if getattr(arguments, name)]
    if len(built) > 1:
        raise _refused("requests", "give either request, or requests for several that are quoted together")
    if arguments.part is not None and arguments.changes is None:
        raise _refused("part", "it says which part changes are for; give changes with it", _CHANGED | {"part": 2})
    if arguments.base_task_id is None:
        if arguments.changes is not None:
            raise _refused("base_task_id", "changes need it: the earlier order that they are changes of", _CHANGED)
        if not built and not arguments.accessories:
            why = "this field is required; or give requests, accessories or base_task_id in its place"
            raise _refused("request", why, _ORDERED)
    elif arguments.changes is not None and built:
        why = f"give either changes, or {built[0]} whole, which replaces the earlier one"
        raise _refused("changes", why, _CHANGED)


def _renewed(earlier: Earlier, arguments: OrderArguments, terms: dict[str, Any]) -> Order:
    """The earlier order with what the call gives in place of what it had."""
    base = earlier.order
    kept, requests = _apart(base)
    if arguments.changes is not None:
        number = _changed_part(earlier, arguments.part)
        requests = (*requests[:number], changed(requests[number], arguments.changes), *requests[number + 1 :])
        kept = {name: value for name, value in kept.items() if name not in arguments.changes.model_fields_set}
    elif new := _requests(arguments):
        requests = new
        kept = {name: value for name, value in kept.items() if all(getattr(r, name) is None for r in new)}
    accessories = base.accessories if arguments.accessories is None else arguments.accessories
    if not requests and not accessories:
        raise _refused("accessories", "nothing would be left of the earlier order")
    return Order(requests=requests, accessories=accessories, **(kept | terms))


def _apart(base: Order) -> tuple[dict[str, Any], tuple[PanelRequest, ...]]:
    """The terms of an order, wherever they were said, and its requests without them: so that one can be replaced."""
    givers = (base, *base.requests)
    said = {name: value for g in givers for name in _TERMS if (value := getattr(g, name)) is not None}
    return said, tuple(r.model_copy(update=dict.fromkeys(_TERMS)) for r in base.requests)


def _changed_part(earlier: Earlier, part: int | None) -> int:
    """The number, from 0, of the request that is to change."""
    count = len(earlier.order.requests)
    if not count:
        raise _refused("changes", "the earlier order has only accessories; give accessories whole, as they change")
    if part is None and count == 1:
        return 0
    if part is not None and part <= count:
        return part - 1
    titles = earlier.parts or ("the whole",)
    has = "; ".join(f"{number}. {title}" for number, title in enumerate(titles[:count], start=1))
    if part is None:
        raise _refused(
            "part", f"say which part of the earlier order the changes are for: {has}", _CHANGED | {"part": 2}
        )
    instead = "; accessories are given whole" if earlier.order.accessories else ""
    raise InvalidRequest(
        f"part: the earlier order has no request {part}, but {has}{instead}",
        field="part",
        received=part,
        allowed=list(range(1, count + 1)),
    )


def _requests(arguments: OrderArguments) -> tuple[PanelRequest, ...]:
    return arguments.requests or ((arguments.request,) if arguments.request else ())


def _refused(field: str, why: str, example: Mapping[str, Any] | None = None) -> InvalidRequest:
    return InvalidRequest(f"{field}: {why}", field=field, example=example)
