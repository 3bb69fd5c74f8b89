"""A process dies at every point of a commit and of a publication: what was acknowledged is done, once."""

import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from tests.crash.campaign import LONG, SECONDS, SEED, say
from tests.crash.failpoints import POINTS
from tests.crash.promises import check, finish_the_rest

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
    pytest.mark.timeout(SECONDS),
]
TIMES = range(1, 60) if LONG else (1, 2, 19)


def run_until_it_dies(folder: Path, point: str, n: int) -> list[str]:
    """What the program acknowledged before it came to the point."""
    command = [sys.executable, "-m", "tests.crash.failpoints", str(folder), str(SEED + n), point, str(n)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=SECONDS / 3, check=False)
    assert done.returncode == -signal.SIGKILL, "it did not come to the point"
    return done.stdout.split("\n")[:-1]  # the last line may be half written


@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_lost_or_done_twice_when_the_process_dies(tmp_path: Path, point: str) -> None:
    acknowledged = [id_ for n in TIMES for id_ in run_until_it_dies(tmp_path, point, n)]
    say(f"{point}: {len(TIMES)} deaths, {len(acknowledged)} tasks acknowledged")
    anyio.run(finish_the_rest, tmp_path)
    check(tmp_path, acknowledged)
