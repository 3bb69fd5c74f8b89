"""Turn pydantic's findings into the one error that tells a caller what to write instead."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest, RequestError
from mcp_tasks.spelling import folded

if TYPE_CHECKING:
    from pydantic import BaseModel

E = TypeVar("E", bound=RequestError)

_SHOWN = 200
_FEW = 20
_SENTENCES = {
    "missing": "this field is required",
    "tuple_type": "Input should be a list",
    "model_type": "Input should be an object",
    "dict_type": "Input should be an object",
}
"""Instead of pydantic's, which speak of Python."""
_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None when nothing is close."""
    import difflib  # here, like pydantic's models below: most programs never need them

    by_fold = {k.casefold(): k for k in known}
    close = difflib.get_close_matches(word[:_SHOWN].casefold(), list(by_fold), n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def shown(value: object) -> object:
    """A received value, short enough to be sent back."""
    if isinstance(value, str) and len(value) > _SHOWN:
        return value[: _SHOWN - 1] + "…"
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return shown(repr(value))


def known_name(field: str, value: str, known: Iterable[str]) -> str:
    """The known name that `value` spells, whatever its case and accents. Raises `InvalidRequest` with the nearest."""
    names = list(known)
    for name in names:
        if folded(name) == folded(value):
            return name
    meant = nearest(value, names)
    hint = f"; did you mean {meant!r}?" if meant else ""
    few = names if len(names) <= _FEW else None
    message = f"there is no {field} {shown(value)!r}{hint}"
    raise InvalidRequest(message, field=field, received=shown(value), allowed=few, nearest=meant)


def invalid_request(error: ValidationError, fields: Mapping[str, Any] | None = None, at: str = "") -> InvalidRequest:
    """The first finding of `error` as an `InvalidRequest`; unknown fields come first, for they explain the rest.

    `fields` are the names and annotations of what was validated, for what an unknown field may have meant;
    `at` is put before the field's path.
    """
    findings = error.errors(include_url=False)
    finding = next((f for f in findings if f["type"] == "extra_forbidden"), findings[0])
    path = [str(part) for part in finding["loc"]]
    field = ".".join(p for p in [at, *path] if p)
    if finding["type"] == "extra_forbidden":
        return unknown_field(field, _names_at(fields or {}, path[:-1]))
    context: dict[str, Any] = finding.get("ctx", {})
    received = None if finding["type"] == "missing" else finding["input"]
    allowed, meant = _allowed(context), context.get("nearest")
    if allowed and isinstance(received, str):
        meant = nearest(received, allowed)
    return InvalidRequest(
        f"{field or 'the request'}: {_sentence(finding['msg'], finding['type'])}",
        field=field or None,
        received=shown(received),
        allowed=allowed,
        nearest=meant,
    )


def moved(error: E, here: str, there: str) -> E:
    """The same refusal of a request that a call has at `there`: "request.span_m" is its "requests.2.span_m"."""
    path = re.compile(rf"\b{re.escape(here)}(?=\.\w|:)")
    field = None if error.field is None else path.sub(there, f"{error.field}:").removesuffix(":")
    return _again(error, path.sub(there, error.message), field)


def hinted(error: E, hint: str) -> E:
    """The same refusal with something more to say."""
    return _again(error, f"{error.message}; {hint}", error.field)


def _again(error: E, message: str, field: str | None) -> E:
    return type(error)(
        message,
        field=field,
        received=error.received,
        allowed=error.allowed,
        nearest=error.nearest,
        example=error.example,
        **error.details,
    )


def unknown_field(field: str, known: Sequence[str]) -> InvalidRequest:
    """The error for a field that nobody knows; `field` is its dotted path."""
    name = field.rsplit(".", 1)[-1]
    meant = nearest(name, known)
    hint = f"; did you mean {meant!r}?" if meant else ""
    return InvalidRequest(f"{shown(field)}: unknown field{hint}", field=str(shown(field)), allowed=known, nearest=meant)


def _sentence(message: str, kind: str) -> str:
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    said = message.removeprefix("Value error, ").replace(" after validation", "")
    return _DECIMAL.sub(r"\1", said).replace("Tuple should have", "The list should have")


def _allowed(context: dict[str, Any]) -> list[str] | None:
    """The values of a literal or an enumeration, read from pydantic's "'a', 'b' or 'c'"."""
    expected = context.get("expected")
    if not isinstance(expected, str) or "'" not in expected:
        return None
    return expected.split("'")[1::2]


def fields_of(model: "type[BaseModel]") -> dict[str, Any]:
    """The names and annotations of a model's fields."""
    return {name: field.annotation for name, field in model.model_fields.items()}


def _names_at(fields: Mapping[str, Any], path: Sequence[str]) -> list[str]:
    """The names of the fields that `path` leads to; steps into lists have no name of their own."""
    for part in path:
        model = _model_in(fields.get(part))
        fields = fields_of(model) if model else fields
    return list(fields)


def _model_in(annotation: Any) -> "type[BaseModel] | None":
    """The first model inside `X | None`, `list[X]` and the like."""
    from pydantic import BaseModel

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(a) for a in get_args(annotation))
    return next((m for m in inner if m is not None), None)
