"""`python -m benchmarks [row ...] [--quick]`: measure, and print one table that can be pasted as Markdown."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.backlog import backlog
from benchmarks.calculating import calculation
from benchmarks.documents import warm_pdf
from benchmarks.endurance import idling, memory_over_time
from benchmarks.long_document import long_pdf
from benchmarks.machine import facts
from benchmarks.many_documents import memory_over_documents
from benchmarks.measure import Effort, Line, Measured, NotMeasured, Row, Stopwatch
from benchmarks.processes import contention
from benchmarks.running import pickup, throughput
from benchmarks.starting import first_answer, first_task
from benchmarks.submitting import crowded_submit, lone_submit
from benchmarks.transports import completed_over_http, submit_call, waiting

ROWS: dict[str, Row] = {
    "submit": lone_submit,
    "crowd": crowded_submit,
    "throughput": throughput,
    "pickup": pickup,
    "backlog": backlog,
    "processes": contention,
    "first-task": first_task,
    "first-answer": first_answer,
    "pdf": warm_pdf,
    "long-pdf": long_pdf,
    "calculation": calculation,
    "submit-call": submit_call,
    "http-completed": completed_over_http,
    "waiting": waiting,
    "memory": memory_over_time,
    "pdf-memory": memory_over_documents,
    "idle": idling,
}
_FULL = Effort(rounds=5, share=1.0)
_QUICK = Effort(rounds=3, share=0.2)
_HEADER = ("measure", "floor or peer", "ours", "peer", "ratio", "gate", "")


def main() -> None:
    """Measure the rows that the command line names, or all; exit with 1 when a gate is missed."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    options.add_argument("--quick", action="store_true", help="a fifth of the work; the numbers are rougher")
    given = options.parse_args()
    if unknown := [name for name in given.rows if name not in ROWS]:
        options.error(f"there is no row {unknown[0]!r}; the rows are {', '.join(ROWS)}")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        lines = _measured(given.rows or list(ROWS), folder, _QUICK if given.quick else _FULL)
        print("\n".join(facts(folder)), table(lines), sep="\n\n")
    sys.exit(any(not isinstance(line, NotMeasured) and not line.met for line in lines))


def _measured(names: list[str], folder: Path, effort: Effort) -> list[Line]:
    lines: list[Line] = []
    watch = Stopwatch()
    for name in names:
        fresh = folder / name
        fresh.mkdir()
        lines += ROWS[name](fresh, effort)
        print(f"{name}: {watch.lap():.1f} s", file=sys.stderr)
    return lines


def table(lines: list[Line]) -> str:
    """The lines as a Markdown table that is also straight as plain text."""
    rows = [_HEADER, *map(_cells, lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    texts = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((texts[0], rule, *texts[1:]))


def _cells(line: Line) -> tuple[str, ...]:
    if isinstance(line, NotMeasured):
        return (line.what, line.why, "", "", "", "", "not measured")
    times = "" if line.peer is None else "x"
    return (
        line.what,
        line.against,
        f"{_number(line.ours)} {line.unit}",
        "" if line.peer is None else f"{_number(line.peer)} {line.unit}",
        f"{line.ratio:.2f}{times}",
        *_verdict(line, times or f" {line.unit}"),
    )


def _verdict(line: Measured, unit: str) -> tuple[str, str]:
    if line.gate is None:
        return "none", ""
    return f"{'>=' if line.at_least else '<='} {line.gate:g}{unit}", "met" if line.met else "NOT MET"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
