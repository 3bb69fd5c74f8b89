"""What the tools of a product are, whatever face shows them: their arguments, their answers, what to say of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel

from mcp_tasks.queue import TaskQueue

CheckAnswers: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that submits a task of the function called `task`.

    `arguments` and `result` are the models of what it takes (the options of every submit tool come on top) and
    of what its task returns. `prepare(arguments, queue, owner)` runs before anything is stored: it refuses with
    a RequestError, or returns the task's parameters. `summarise` says in a line or two what a result (as
    JSON) came to. `title` and the summary are for people, `description` is for a language model.
    `check_answers(params, answers)`, where the task asks questions, refuses answers that it would not take.
    """

    name: str
    title: str
    description: str
    task: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    prepare: Callable[[Any, TaskQueue, str], Awaitable[Mapping[str, Any]]]
    summarise: Callable[[Mapping[str, Any]], str]
    check_answers: CheckAnswers | None = None


@dataclass(frozen=True, slots=True)
class ReadSpec:
    """A tool that answers at once and changes nothing.

    `arguments` and `answer` are the models of what it takes and of what `read(arguments, queue, owner)` makes of
    that; a refusal is a RequestError. `summarise` says the answer (as JSON) in short lines. `title` and the summary
    are for people, `description` is for a language model.
    """

    name: str
    title: str
    description: str
    arguments: type[BaseModel]
    answer: type[BaseModel]
    read: Callable[[Any, TaskQueue, str], Awaitable[BaseModel]]
    summarise: Callable[[Mapping[str, Any]], str]
