"""How much of each campaign runs, and from which seed.

`make test` runs the short form, `make crash` the long one (MCP_TASKS_CRASH=long). A failure names its seed;
MCP_TASKS_SEED replays it.
"""

import os

SEED = int(os.environ.get("MCP_TASKS_SEED", "20261123"))
LONG = os.environ.get("MCP_TASKS_CRASH") == "long"
SECONDS = 3_600 if LONG else 60
"""What a test of a campaign may take before it is taken for hung."""


def amount(*, short: int, long: int) -> int:
    """How many of something this run does."""
    return long if LONG else short


def say(words: str) -> None:
    """Counts and seeds: pytest shows them when a test fails, and `make crash` always."""
    print(words)  # noqa: T201
