"""Every row of the benchmarks measures something at a tiny size. How fast is not for a test to say."""

import math
from pathlib import Path

import pytest

from benchmarks.__main__ import ROWS, table
from benchmarks.measure import Effort, Measured, NotMeasured

_TINY = Effort(rounds=1, share=0.002)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_yields_ratios_and_nobody_in_it_is_slowed_by_its_log(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = ROWS[name](tmp_path, _TINY)

    assert capfd.readouterr().err == ""
    assert lines
    for line in lines:
        if isinstance(line, Measured):
            assert math.isfinite(line.ratio)
            assert line.ours > 0 or line.peer is None


def test_the_table_says_which_gates_are_met_and_what_was_not_measured() -> None:
    lines = [
        Measured("slow", "floor", "ms", ours=3.0, peer=1.0, gate=2.5),
        Measured("many", "peer", "tasks/s", ours=5000.0, peer=1000.0, gate=5, at_least=True),
        Measured("memory", "itself", "B", ours=12.0, peer=None, gate=32),
        NotMeasured("pickup", "huey is not installed"),
    ]

    _, rule, slow, many, memory, pickup = table(lines).splitlines()

    assert set(rule) == {"|", "-"}
    assert "3.00x" in slow
    assert "NOT MET" in slow
    assert [cell.strip() for cell in many.split("|")[3:8]] == [
        "5,000 tasks/s",
        "1,000 tasks/s",
        "5.00x",
        ">= 5x",
        "met",
    ]
    assert "<= 32 B" in memory
    assert "huey is not installed" in pickup
