"""The registry of task functions: their names, typed parameters and results, and the defaults of their tasks.

Parameters are validated against the signature when a task is enqueued and again when it runs; the result is
serialised through the return annotation. Only JSON is stored.
"""

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import GenericAlias
from typing import Any, Literal, Protocol

import pydantic
from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import core_schema

from mcp_tasks.context import TaskContext
from mcp_tasks.errors import InvalidRequest, PermanentError
from mcp_tasks.repair import invalid_request, nearest, shown, unknown_field
from mcp_tasks.schedule import Trigger
from mcp_tasks.task import Backoff, NewTask, Task, TaskPriority

RunIn = Literal["loop", "thread", "process"]
_UNLIMITED = 1_000_000


class Submitter(Protocol):
    """Whoever can enqueue: the decorators need no more of a queue."""

    async def submit(self, new: NewTask) -> Task:
        """Store a validated task."""
        ...


@dataclass(frozen=True)
class TaskFunction:
    """A registered callable and how its tasks are carried out. Times are in seconds.

    `run_in`: async functions run on the event loop, others in a thread; "process" is for plain functions that
    may crash, block or eat memory. `concurrency` bounds how many run at once in one worker.
    """

    name: str
    call: Callable[..., Any]
    run_in: RunIn
    priority: TaskPriority = TaskPriority.NORMAL
    max_retries: int = 3
    timeout: float | None = None
    concurrency: int = _UNLIMITED
    backoff: Backoff = field(default_factory=Backoff)

    def dump_params(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """The call's parameters as validated JSON text. Raises `InvalidRequest`, naming the parameter."""
        known = self._names
        bound = dict(zip(known, args, strict=False))
        if kwargs:
            for name in kwargs:
                if name not in known:
                    raise unknown_field(name, known)
            bound |= kwargs
        if len(bound) < len(args) + len(kwargs):
            raise InvalidRequest(f"{self.name}: too many parameters; it takes {', '.join(known) or 'none'}, each once")
        try:
            return self._written(bound)
        except pydantic.ValidationError as error:
            raise invalid_request(error, self._annotations) from error
        except (pydantic.PydanticUserError, ValueError, TypeError) as error:
            raise InvalidRequest(
                f"{self.name}: the parameters cannot be written as JSON ({error}); pass numbers, text, lists, "
                "dictionaries or pydantic models"
            ) from error

    def _written(self, bound: dict[str, Any]) -> str:
        text = self._params_writer(self._params.validate_python(bound))
        if "null" in text:  # a model may write what it cannot read, such as a number that JSON lacks
            self._params.validate_json(text)
        return text

    def load_params(self, params: str, context: TaskContext) -> dict[str, Any]:
        """The stored parameters as arguments for `call`, with the context where the function wants it."""
        try:
            arguments = dict(self._params.validate_json(params))
        except pydantic.ValidationError as error:
            raise PermanentError(f"the stored parameters no longer fit {self.name}: {error}") from error
        if self._context_name:
            arguments[self._context_name] = context
        return arguments

    def dump_result(self, value: Any) -> str:
        """The result as JSON text, by the return annotation."""
        try:
            return self._result_writer(value)
        except (pydantic.PydanticUserError, ValueError, TypeError) as error:
            raise PermanentError(f"the result of {self.name} cannot be written as JSON: {error}") from error

    @cached_property
    def _hints(self) -> dict[str, Any]:
        try:
            return typing.get_type_hints(self.call, include_extras=True)
        except NameError as error:
            raise InvalidRequest(f"{self.name}: {error}; annotate with names that its module knows") from error

    @cached_property
    def _context_name(self) -> str | None:
        return next((n for n, hint in self._hints.items() if hint is TaskContext and n != "return"), None)

    @cached_property
    def _signature(self) -> inspect.Signature:
        signature = inspect.signature(self.call)
        for parameter in signature.parameters.values():
            if parameter.kind not in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}:
                raise InvalidRequest(f"{self.name}: a task function needs named parameters, not {parameter}")
        kept = [p for name, p in signature.parameters.items() if name != self._context_name]
        return signature.replace(parameters=kept)

    @cached_property
    def _names(self) -> list[str]:
        return list(self._signature.parameters)

    @cached_property
    def _annotations(self) -> dict[str, Any]:
        return {name: self._hints.get(name, Any) for name in self._signature.parameters}

    @cached_property
    def _params_type(self) -> Any:
        """The parameters as a dictionary type; those with defaults may be left out, and then are not stored."""
        empty = inspect.Parameter.empty
        required = {name: p.default is empty for name, p in self._signature.parameters.items()}
        return _dictionary(self._annotations, required)

    @cached_property
    def _params(self) -> TypeAdapter[dict[str, Any]]:
        return TypeAdapter(self._params_type)

    @cached_property
    def _params_writer(self) -> "_JsonWriter":
        return _JsonWriter(self._params_type, validated=True)

    @cached_property
    def _result_writer(self) -> "_JsonWriter":
        return _JsonWriter(self._hints.get("return", Any))


def _dictionary(annotations: Mapping[str, Any], required: Mapping[str, bool]) -> Any:
    """What a TypedDict is to pydantic, which forbids other keys and numbers that JSON lacks.

    Made of core schemas, for a TypedDict has pydantic import what takes longer than a small task.
    """

    class Parameters:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
            fields = {
                name: core_schema.typed_dict_field(handler.generate_schema(annotation), required=required[name])
                for name, annotation in annotations.items()
            }
            config = core_schema.CoreConfig(allow_inf_nan=False)
            return core_schema.typed_dict_schema(fields, extra_behavior="forbid", config=config)

    return Parameters


class _JsonWriter:
    """Values of a type as JSON text. What does not fit the type, and numbers that JSON lacks, raise ValueError."""

    def __init__(self, kind: Any, *, validated: bool = False) -> None:
        # In a tuple: a model takes no settings from us, but what is around it does.
        wrapped: Any = GenericAlias(tuple, (kind,))
        adapter: TypeAdapter[Any] = TypeAdapter(wrapped, config=ConfigDict(ser_json_inf_nan="constants"))
        serialise = adapter.serializer.to_json
        # Looking for what does not fit costs more than all the rest, and values just validated do fit.
        self._serialise = serialise if validated else partial(serialise, warnings="error")

    def __call__(self, value: Any) -> str:
        text = self._serialise((value,))[1:-1].decode()
        if "NaN" in text or "Infinity" in text:
            json.loads(text, parse_constant=_refuse_constant)
        return text


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number")


class Registry:
    """Task functions by name. A queue's own registry also knows the functions of its `parent`."""

    def __init__(self, parent: "Registry | None" = None) -> None:
        self._parent = parent
        self._functions: dict[str, TaskFunction] = {}
        self._schedules: dict[str, Trigger | None] = {}

    def add(self, function: TaskFunction) -> TaskFunction:
        """Register a function. The same one may be defined again (a reload, a loop); another of its name is refused."""
        known = self.find(function.name)
        if known and _origin(known.call) != _origin(function.call):
            raise InvalidRequest(
                f"two functions want the name {function.name!r}: {_origin(known.call)} and "
                f"{_origin(function.call)}; give one of them another name=",
                field="name",
                received=function.name,
            )
        self._functions[function.name] = function
        return function

    def schedule(self, name: str, trigger: Trigger | None) -> None:
        """Say when a registered function runs, which must need no parameters; None: never, whoever said otherwise.

        A scheduler puts it into the store when it starts.
        """
        function = self.get(name)
        try:
            function.dump_params((), {})
        except InvalidRequest as error:
            raise InvalidRequest(
                f"{name} needs parameters that its schedule does not give ({error}); give them "
                "defaults, or plan it in code: scheduler.schedule_interval(..., params=...)",
                field=error.field,
            ) from error
        self._schedules[name] = trigger

    def find(self, name: str) -> TaskFunction | None:
        """The function of that name."""
        return self._functions.get(name) or (self._parent.find(name) if self._parent else None)

    def get(self, name: str) -> TaskFunction:
        """The function of that name, or `InvalidRequest` with the nearest known one."""
        function = self.find(name)
        if function is None:
            known = sorted(self.functions())
            raise InvalidRequest(
                f"no task function is called {name!r}",
                field="name",
                received=name,
                allowed=known,
                nearest=nearest(name, known),
            )
        return function

    def functions(self) -> dict[str, TaskFunction]:
        """All known functions by name."""
        return {**(self._parent.functions() if self._parent else {}), **self._functions}

    def schedules(self) -> dict[str, Trigger | None]:
        """When functions run, by their names."""
        return {**(self._parent.schedules() if self._parent else {}), **self._schedules}


registry = Registry()
"""The functions that the decorators registered; every queue knows them."""


def task_function(
    call: Callable[..., Any], *, name: str | None = None, run_in: RunIn | None = None, **options: Any
) -> TaskFunction:
    """Describe a callable as a task function; see `TaskFunction` for the options. Wrong ones raise `InvalidRequest`."""
    is_async = inspect.iscoroutinefunction(call)
    chosen = name or getattr(call, "__name__", None) or type(call).__name__
    if run_in is None:
        run_in = "loop" if is_async else "thread"
    if is_async != (run_in == "loop"):
        raise InvalidRequest(
            f"{chosen}: async functions run in the loop, plain functions in a thread or a process",
            field="run_in",
            received=run_in,
            allowed=["loop"] if is_async else ["thread", "process"],
        )
    check_options(**{k: v for k, v in options.items() if k in {"max_retries", "timeout"}})
    to_priority(options.get("priority", TaskPriority.NORMAL))
    return TaskFunction(name=chosen, call=call, run_in=run_in, **options)


def check_options(*, max_retries: int | None = None, timeout: float | None = None, delay: float | None = None) -> None:
    """Bounds of the options that every enqueue takes. Raises `InvalidRequest`."""
    if max_retries is not None and not 0 <= max_retries <= 100:
        raise _out_of_bounds("max_retries", max_retries, "a number from 0 to 100", 3)
    if timeout is not None and not 0 < timeout <= 86_400 * 7:
        raise _out_of_bounds("timeout", timeout, "seconds above 0, up to a week; leave it out for no limit", 60)
    if delay is not None and not 0 <= delay <= 86_400 * 366:
        raise _out_of_bounds("delay", delay, "seconds from 0 to a year", 60)


def new_task(
    function: TaskFunction,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    *,
    owner: str = "local",
    priority: TaskPriority | None = None,
    max_retries: int | None = None,
    timeout: float | None = None,
    delay: float = 0.0,
    idempotency_key: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> NewTask:
    """A validated task of `function`, with the function's defaults where an option is None."""
    check_options(max_retries=max_retries, timeout=timeout, delay=delay)
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= 200:
        raise InvalidRequest("idempotency_key must have 1 to 200 characters", field="idempotency_key")
    return NewTask(
        name=function.name,
        params=function.dump_params(args, kwargs),
        priority=function.priority if priority is None else to_priority(priority),
        max_retries=function.max_retries if max_retries is None else max_retries,
        timeout=function.timeout if timeout is None else timeout,
        owner=owner,
        delay=delay,
        idempotency_key=idempotency_key,
        metadata=metadata or {},
    )


def to_priority(priority: int) -> TaskPriority:
    """A priority from its number. Raises `InvalidRequest` with the known ones."""
    try:
        return TaskPriority(priority)
    except ValueError as error:
        known = [f"TaskPriority.{p.name}" for p in TaskPriority]
        raise InvalidRequest(
            f"{shown(priority)!r} is not a priority; write {known[-2]}",
            field="priority",
            received=shown(priority),
            allowed=known,
        ) from error


def _out_of_bounds(field: str, received: float, wanted: str, example: float) -> InvalidRequest:
    return InvalidRequest(f"{field} must be {wanted}", field=field, received=received, example=example)


def _origin(call: Callable[..., Any]) -> str:
    return f"{getattr(call, '__module__', '?')}.{getattr(call, '__qualname__', type(call).__qualname__)}"
