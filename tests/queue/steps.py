"""What the steps of the machine are drawn from: tasks, outcomes, and which of them there are so far."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

from mcp_tasks import Question, TaskPriority
from mcp_tasks.functions import new_task, task_function
from mcp_tasks.task import (
    UNLIMITED,
    Artifact,
    Asked,
    Cancelled,
    Completed,
    Failed,
    Limits,
    Lost,
    NewTask,
    Outcome,
    Progress,
    Released,
    TaskError,
)
from tests.queue.model import LEASE

F = TypeVar("F", bound=Callable[..., None])


async def cut(value: int) -> int:
    return value


async def fold(value: int) -> int:
    return value


FUNCTIONS = {"cut": task_function(cut), "fold": task_function(fold)}
OWNERS = ["ana", "bea"]
LIMITS = [UNLIMITED, Limits(total=6, per_owner=4)]
"""What each process refuses."""

ERROR = TaskError("ValueError", "no")
ANSWERED = [(), ("span_m",), ("colour",), ("span_m", "colour")]
SPAN, COLOUR = Question("span_m", "¿Qué luz?"), Question("colour", "¿Qué color?")
OUTCOMES: list[Outcome] = [
    Completed("1"),
    Completed("null", (Artifact("b.pdf", "application/pdf", 2, "b", "b"), Artifact("a.pdf", "a/a", 1, "a", "a"))),
    Failed(ERROR, 5.0),
    Failed(ERROR, 0.0),
    Failed(ERROR, None),
    Cancelled(),
    Released(),
    Asked((SPAN,)),
    Asked((SPAN, COLOUR)),
    Asked(()),
    Lost(),
]

processes = st.integers(0, len(LIMITS) - 1)
slots = st.integers(0, 3)
names = st.sampled_from(list(FUNCTIONS))
limits = st.dictionaries(names, st.integers(0, 3), min_size=1)
seconds = st.sampled_from([0.5, 5.0, LEASE, LEASE + 1])
outcomes = st.sampled_from(OUTCOMES)
progresses = st.none() | st.builds(Progress, st.integers(0, 2), st.just(2), st.none())
viewers = st.sampled_from([None, None, None, *OWNERS])


@st.composite
def submissions(draw: st.DrawFn) -> NewTask:
    """Tasks that differ in all that matters."""
    return new_task(
        FUNCTIONS[draw(names)],
        (draw(st.integers(0, 1)),),
        {},
        owner=draw(st.sampled_from(OWNERS)),
        priority=draw(st.sampled_from(TaskPriority)),
        max_retries=draw(st.integers(0, 2)),
        delay=draw(st.sampled_from([0.0, 0.0, 5.0])),
    )


# Tasks and claims are drawn as numbers, in the order in which they appeared: a failure can be read and replayed.
any_task = st.runner().flatmap(lambda machine: st.integers(0, len(machine.ids) - 1))
asked_task = st.runner().flatmap(lambda machine: st.sampled_from([*range(len(machine.ids)), *machine.asked_tasks * 3]))
any_claim = st.runner().flatmap(
    lambda machine: st.sampled_from([*range(len(machine.claims)), *machine.late_claims * 3])
)
held_claim = st.runner().flatmap(lambda machine: st.sampled_from(machine.held_claims))


STEPS: list[tuple[str, str | None, st.SearchStrategy[dict[str, Any]]]] = []
"""The steps: their names, what there must be some of before they can be taken, their arguments."""


def step(needed: str | None = None, /, *, often: int = 1, **arguments: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """A step of the machine. Not a rule: of many rules Hypothesis switches most off, and nothing would be finished."""

    def register(method: F) -> F:
        STEPS.extend([(method.__name__, needed, st.fixed_dictionaries(arguments))] * often)
        return method

    return register
