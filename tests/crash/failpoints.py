"""The program of `program.py`, which kills itself at the n-th time it comes to one of the named points.

python -m tests.crash.failpoints FOLDER SEED POINT N

The points are put around the engine's functions from here; the engine knows nothing of them.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import anyio

from mcp_tasks.artifacts import ArtifactFolder
from mcp_tasks.sqlite import store, thread
from mcp_tasks.sqlite.commit import GroupCommit
from tests.crash import program

POINTS = (
    "before BEGIN",
    "after BEGIN",
    "after a statement",
    "before COMMIT",
    "after COMMIT, before it is told",
    "after it is told",
    "after the file is written",
    "after the file is moved",
    "after it is published",
    "before the outcome is stored",
)


class Countdown:
    """Kills this process at the n-th time that `point` is reached."""

    def __init__(self, point: str, n: int) -> None:
        self._point = point
        self._left = n

    def reach(self, point: str) -> None:
        """This is such a point."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Statements:
    """The writer's connection, with points around what it executes."""

    def __init__(self, db: Any, countdown: Countdown) -> None:
        self._db = db
        self._countdown = countdown

    def execute(self, statements: str, *bindings: Any) -> Any:
        """Run a statement between its points."""
        word = statements.split(None, 1)[0]
        before, after = {
            "BEGIN": ("before BEGIN", "after BEGIN"),
            "COMMIT": ("before COMMIT", "after COMMIT, before it is told"),
        }.get(word, ("", "after a statement"))
        self._countdown.reach(before)
        rows = self._db.execute(statements, *bindings)
        self._countdown.reach(after)
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def put_points(countdown: Countdown) -> None:
    """Wrap the functions between which a death makes a difference."""

    class PointedCommit(GroupCommit):
        def __call__(self, db: Any, calls: list[Any]) -> Any:
            return super().__call__(cast(Any, Statements(db, countdown)), calls)

    setattr(store, "GroupCommit", PointedCommit)  # noqa: B010 - the store has no such seam of its own
    around(countdown, thread, "deliver", after="after it is told")
    around(countdown, Path, "rename", after="after the file is moved")
    around(countdown, ArtifactFolder, "publish", before="after the file is written", after="after it is published")
    around(countdown, store.SqliteStore, "settle", before="before the outcome is stored")


def around(countdown: Countdown, holder: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Put points before and after a function."""
    function: Callable[..., Any] = getattr(holder, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        countdown.reach(before)
        result = function(*args, **kwargs)
        countdown.reach(after)
        return result

    setattr(holder, name, wrapped)


if __name__ == "__main__":
    put_points(Countdown(sys.argv[3], int(sys.argv[4])))
    anyio.run(program.main, Path(sys.argv[1]), int(sys.argv[2]))
