"""The store against a model of it: thousands of random steps, and after each the two say the same.

MCP_TASKS_MODEL_STEPS sets how many steps; a failure names its seed, and MCP_TASKS_SEED replays it.
"""

import os
from collections.abc import Iterator
from types import ModuleType

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from mcp_tasks.sqlite import claim, control, finish, line, prune, read, submit
from tests.crash.campaign import LONG, SECONDS
from tests.queue.machine import QueueMachine

STEPS = int(os.environ.get("MCP_TASKS_MODEL_STEPS", "2000"))
SEED = int(os.environ.get("MCP_TASKS_SEED", "20261123"))
STEPS_AN_EXAMPLE = 50


@pytest.fixture
def portal(anyio_backend: str) -> Iterator[BlockingPortal]:
    """An event loop in a thread: one for all examples of a test."""
    with start_blocking_portal(anyio_backend) as portal:
        yield portal


def run(portal: BlockingPortal, examples: int, phases: list[Phase]) -> None:
    """Drive so many queues, from the seed."""
    print(f"seed {SEED}: {examples} queues of {STEPS_AN_EXAMPLE} steps")  # noqa: T201 - pytest shows it on failure

    class Machine(QueueMachine):
        def __init__(self) -> None:
            super().__init__(portal)

    seed(SEED)(Machine)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS_AN_EXAMPLE,
            phases=phases,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.timeout(30 + STEPS // 50)
def test_after_every_step_the_store_says_what_the_model_says(portal: BlockingPortal) -> None:
    run(portal, max(1, STEPS // STEPS_AN_EXAMPLE // 2), [Phase.generate, Phase.shrink])


MUTATIONS = [
    pytest.param(finish, "_CLAIMED", "attempt = ?", "(attempt = ? OR 1)", id="a finish matches the task alone"),
    pytest.param(finish, "_PROGRESS", "attempt = ?", "(attempt = ? OR 1)", id="progress matches the task alone"),
    pytest.param(claim, "_CLAIM", "attempt = attempt + 1", "attempt = 1", id="attempts are not counted"),
    pytest.param(claim, "CANDIDATES", "priority DESC, ", "", id="claims forget priorities"),
    pytest.param(line, "_DUE", "run_at <= ?", "run_at < ?", id="due tasks wait too long"),
    pytest.param(claim, "_RENEW", "worker = ?", "(worker = ? OR 1)", id="a renewal keeps others' claims alive"),
    pytest.param(claim, "_EXPIRED", "lease < ?", "lease <= ?", id="leases end a moment early"),
    pytest.param(control, "_RETRY", "failures = 0", "failures = 0, attempt = 0", id="a retry counts attempts anew"),
    pytest.param(control, "_RETRY", "cancel_requested = 0", "cancel_requested = 1", id="a retry forgets to uncancel"),
    pytest.param(control, "_ANSWER", "ready = 1, ", "ready = 0, ", id="an answered task is not ready"),
    pytest.param(submit, "_SAME_KEY", "owner = ?", "(owner = ? OR 1)", id="keys are shared by owners"),
    pytest.param(read, "AHEAD", "(turn, seq) < ", "(turn, seq) <= ", id="a position counts the task itself"),
    pytest.param(claim, "CANDIDATES", "DESC, turn", "DESC", id="claims forget whose turn it is"),
    pytest.param(line, "_TAKE", "turn + ?3", "?3", id="who comes late has turns that have passed"),
    pytest.param(line, "_MOVE_ON", "turn = ?2", "turn = turn", id="the line never moves on"),
    pytest.param(prune, "_EXPIRED", "finished_at < ?", "finished_at <= ?", id="pruning early"),
]


@pytest.mark.skipif(not LONG, reason="make crash looks for them")
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize(("module", "statement", "right", "wrong"), MUTATIONS)
def test_the_model_finds_a_store_in_which(
    portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch, module: ModuleType, statement: str, right: str, wrong: str
) -> None:
    text = vars(module)[statement]
    assert right in text
    monkeypatch.setattr(module, statement, text.replace(right, wrong))
    with pytest.raises(AssertionError):  # and not Flaky: found again, in the same way
        run(portal, 1_000, [Phase.generate])
