"""Times and sizes as people say them."""

from datetime import datetime

import pytest

from mcp_tasks.console import ago, moment, size, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 ms"),
        (0.0414, "41 ms"),
        (0.9996, "1.0 s"),
        (3.24, "3.2 s"),
        (59.96, "1 min 0 s"),
        (312, "5 min 12 s"),
        (7_800, "2 h 10 min"),
        (86_399.9, "1 d 0 h"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "just now"), (0.5, "just now"), (59, "59 s ago"), (60, "1 min ago"), (7_300, "2 h ago"), (90_000, "1 d ago")],
)
def test_the_past_has_one_unit(seconds: float, words: str) -> None:
    assert ago(seconds) == words


def test_a_moment_is_as_long_as_it_must_be() -> None:
    now = datetime(2026, 11, 23, 18, 30).astimezone().timestamp()

    assert moment(datetime(2026, 11, 23, 9, 5, 7).astimezone().timestamp(), now) == "today 09:05:07"
    assert moment(datetime(2026, 11, 22, 9, 5, 7).astimezone().timestamp(), now) == "22 Nov 09:05:07"
    assert moment(datetime(2025, 11, 22, 9, 5, 7).astimezone().timestamp(), now) == "22 Nov 2025 09:05:07"


@pytest.mark.parametrize(
    ("count", "words"), [(812, "812 B"), (84_210, "84 kB"), (999_600, "1.0 MB"), (1_310_000, "1.3 MB")]
)
def test_a_size_has_one_unit(count: int, words: str) -> None:
    assert size(count) == words
