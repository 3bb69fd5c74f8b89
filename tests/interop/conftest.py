"""Servers to talk to, what is installed, and the summary at the end of `make interop`."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.installed import Installed, installed
from tests.interop.processes import fixture_over_http, product_over_http


class Counts(dict[str, Counter[str]]):
    """Outcomes by suite."""


COUNTS = pytest.StashKey[Counts]()


class Tally:
    """Counts what was checked, suite by suite."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def add(self, suite: str, **outcomes: int) -> None:
        """So many more, by outcome: passed=3."""
        self._counts.setdefault(suite, Counter()).update(outcomes)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Where a test counts; the summary shows it."""
    return Tally(request.config.stash.setdefault(COUNTS, Counts()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line for each suite."""
    counts = config.stash.get(COUNTS, Counts())
    if counts:
        terminalreporter.section("interop")
    for suite in sorted(counts):
        outcomes = ", ".join(f"{n} {outcome}" for outcome, n in counts[suite].items() if n)
        terminalreporter.write_line(f"{suite:<44} {outcomes}")


@pytest.fixture(scope="session")
def others() -> Installed:
    """What is installed."""
    return installed()


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the fixture server."""
    with fixture_over_http(tmp_path_factory.mktemp("everything")) as url:
        yield url


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real server."""
    with product_over_http(tmp_path_factory.mktemp("product")) as url:
        yield url


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home for programs that keep things in it."""
    path = tmp_path / "home"
    path.mkdir()
    return path
