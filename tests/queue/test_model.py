"""The store against a model of it: thousands of random steps, and after each the two say the same.

MCP_TASKS_MODEL_STEPS sets how many steps; a failure names its seed, and MCP_TASKS_SEED replays it.
"""

import os
from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.queue.machine import QueueMachine

STEPS = int(os.environ.get("MCP_TASKS_MODEL_STEPS", "3000"))
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

    def machine() -> QueueMachine:
        return QueueMachine(portal)

    run_state_machine_as_test(
        seed(SEED)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS_AN_EXAMPLE,
            phases=phases,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.timeout(30 + STEPS // 50)
def test_after_every_step_the_store_says_what_the_model_says(portal: BlockingPortal) -> None:
    run(portal, max(1, STEPS // STEPS_AN_EXAMPLE // 2), [Phase.generate, Phase.shrink])
