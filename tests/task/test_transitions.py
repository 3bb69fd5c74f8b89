"""Every way out of `running`: what an outcome makes of a task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_tasks.task import (
    WORKER_LOST,
    Asked,
    Backoff,
    Cancelled,
    Completed,
    Failed,
    Lost,
    Next,
    Outcome,
    Question,
    Released,
    Running,
    TaskError,
    TaskStatus,
    after,
)

ERROR = TaskError("ValueError", "no")
FRESH = Running(failures=0, max_retries=1, cancel_requested=False)
SPENT = Running(failures=1, max_retries=1, cancel_requested=False)
ASKED_TO_CANCEL = Running(failures=0, max_retries=1, cancel_requested=True)
QUESTIONS = (Question("span_m", "¿Qué luz?"),)


@pytest.mark.parametrize(
    ("running", "outcome", "expected"),
    [
        pytest.param(FRESH, Completed("1"), Next(TaskStatus.COMPLETED, 0), id="a success completes"),
        pytest.param(
            FRESH,
            Failed(ERROR, 2.5),
            Next(TaskStatus.RETRYING, 1, delay=2.5, error=ERROR),
            id="a failure with budget left retries later",
        ),
        pytest.param(SPENT, Failed(ERROR, 2.5), Next(TaskStatus.FAILED, 2, error=ERROR), id="no budget left fails"),
        pytest.param(FRESH, Failed(ERROR, None), Next(TaskStatus.FAILED, 1, error=ERROR), id="a permanent error fails"),
        pytest.param(FRESH, Cancelled(), Next(TaskStatus.CANCELLED, 0), id="an honoured cancel cancels"),
        pytest.param(FRESH, Released(), Next(TaskStatus.PENDING, 0, ready=True), id="a release costs nothing"),
        pytest.param(FRESH, Asked(QUESTIONS), Next(TaskStatus.PENDING, 0), id="a question waits, not ready"),
        pytest.param(
            FRESH, Lost(), Next(TaskStatus.PENDING, 1, ready=True, error=WORKER_LOST), id="a loss is ready at once"
        ),
        pytest.param(SPENT, Lost(), Next(TaskStatus.FAILED, 2, error=WORKER_LOST), id="a loss counts as a failure"),
        pytest.param(ASKED_TO_CANCEL, Completed("1"), Next(TaskStatus.COMPLETED, 0), id="success beats cancel"),
        pytest.param(
            ASKED_TO_CANCEL, Failed(ERROR, 2.5), Next(TaskStatus.CANCELLED, 1, error=ERROR), id="cancel beats retry"
        ),
        pytest.param(ASKED_TO_CANCEL, Lost(), Next(TaskStatus.CANCELLED, 1, error=WORKER_LOST), id="cancel beats loss"),
        pytest.param(ASKED_TO_CANCEL, Released(), Next(TaskStatus.CANCELLED, 0), id="cancel beats release"),
        pytest.param(ASKED_TO_CANCEL, Asked(QUESTIONS), Next(TaskStatus.CANCELLED, 0), id="cancel beats a question"),
    ],
)
def test_an_outcome_leads_to_one_next_status(running: Running, outcome: Outcome, expected: Next) -> None:
    assert after(running, outcome) == expected


@given(failures=st.integers(0, 10_000), draw=st.floats(0, 1, exclude_max=True))
def test_backoff_stays_between_half_its_step_and_the_cap(failures: int, draw: float) -> None:
    delay = Backoff(first=2, cap=300).delay(failures, draw)
    step = min(300, 2.0 ** min(failures + 1, 10))
    assert step / 2 <= delay <= step


def test_backoff_doubles_with_each_failure_up_to_its_cap() -> None:
    assert [Backoff().delay(n, 0) for n in range(9)] == [2, 4, 8, 16, 32, 64, 128, 256, 300]
