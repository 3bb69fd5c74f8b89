"""kill -9, again and again: nothing acknowledged is lost, nothing is completed twice, nothing stays stuck."""

import random
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from tests.crash.campaign import SECONDS, SEED, amount, say
from tests.crash.promises import check, finish_the_rest

KILLS = amount(short=25, long=500)


def run_and_kill(folder: Path, seed: int, after: int) -> list[str]:
    """Start the program, kill it once it acknowledged `after` tasks; all that it acknowledged."""
    command = [sys.executable, "-m", "tests.crash.program", str(folder), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(after)]
        process.kill()
        rest = process.stdout.read().split("\n")
    return [id_ for id_ in [*acknowledged, *rest[:-1]] if id_]  # the last line may be half written


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("part", range(4))
def test_nothing_is_lost_or_done_twice_when_the_process_is_killed(tmp_path: Path, part: int) -> None:
    seed = SEED + part
    rng = random.Random(seed)
    acknowledged: list[str] = []
    for kill in range(KILLS):
        acknowledged += run_and_kill(tmp_path, seed + kill, after=rng.randrange(1, 60))
    say(f"seed {seed}: {KILLS} kills, {len(acknowledged)} tasks acknowledged")
    anyio.run(finish_the_rest, tmp_path)
    check(tmp_path, acknowledged)
