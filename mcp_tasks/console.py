"""What the command line shows people: tasks, one task, statistics.

On a terminal in its width and with colour; into a pipe or a file as plain lines, nothing cut off.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mcp_tasks.schedule import Schedule
from mcp_tasks.task import Attempt, Page, Progress, Spread, Stats, Task, TaskError, TaskStatus

_STYLES = {
    TaskStatus.PENDING: "cyan",
    TaskStatus.RUNNING: "bold blue",
    TaskStatus.RETRYING: "yellow",
    TaskStatus.COMPLETED: "green",
    TaskStatus.FAILED: "bold red",
    TaskStatus.CANCELLED: "dim",
}
_RESULT_SHOWN = 400
_DETAIL_FROM_WIDTH = 100
_PIPE_WIDTH = 10_000


def open_console() -> Console:
    """Stdout, as wide as the terminal; a pipe has no width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def show_page(page: Page, now: float) -> None:
    """Tasks, one line each, newest first."""
    console = open_console()
    if not page.tasks:
        console.print("There are no such tasks.")
        return
    detailed = console.width >= _DETAIL_FROM_WIDTH
    table = grid("ID", "TASK", "STATUS", "SUBMITTED", *(["DETAIL"] if detailed else []))
    for task in page.tasks:
        row = [Text(task.id), safe(task.name), _status(task.status), ago(now - task.created_at)]
        table.add_row(*row, *([safe(_detail(task, now))] if detailed else []))
    print_table(console, table)


def show_task(
    task: Task, now: float, *, position: int | None, files: Mapping[str, Path], attempts: Sequence[Attempt] | None
) -> None:
    """One task, a fact per line; `files` are the paths of its artifacts, `attempts` its history when it is wanted."""
    console = open_console()
    console.print(Text.assemble((_plain(task.name), "bold"), "  ", _status(task.status)))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, fact in _facts(task, now, position):
        facts.add_row(f"  {name}", safe(fact))
    print_table(console, facts)
    for artifact in task.artifacts:  # the terminal may wrap a path, we may not: it is there to be copied
        heading = Text(f"  {artifact.name}, {size(artifact.bytes)}", "dim")
        console.print(heading, Text(f"  {files[artifact.name]}"), sep="\n", soft_wrap=True)
    if task.status in {TaskStatus.FAILED, TaskStatus.CANCELLED}:
        console.print(Text(f"  To put it back: mcp-tasks retry {task.id}", "dim"), soft_wrap=True)
    if attempts is not None:
        _show_attempts(console, attempts)


def show_stats(stats: Stats, schedules: Sequence[Schedule], now: float) -> None:
    """How the queue is doing."""
    console = open_console()
    table = grid("TASK")
    for status in TaskStatus:
        table.add_column(status.upper(), justify="right")
    for name, counts in stats.by_name.items():
        table.add_row(safe(name), *(_count(status, counts.get(status, 0)) for status in TaskStatus))
    table.add_row(Text("all", "bold"), *(_count(status, n) for status, n in stats.counts.items()))
    print_table(console, table)
    console.print()
    oldest = stats.oldest_pending_seconds
    for name, fact in (
        ("workers", str(stats.workers) if stats.workers else "none: `mcp-tasks serve` or `start` runs tasks"),
        ("oldest pending", "none" if oldest is None else f"waits for {span(oldest)}"),
        ("waited", _spread(stats.wait_seconds)),
        ("ran", _spread(stats.run_seconds)),
    ):
        console.print(Text.assemble((f"{name:<16}", "dim"), fact), soft_wrap=True)
    if schedules:
        console.print()
        print_table(console, _schedules(schedules, now))


def span(seconds: float) -> str:
    """A length of time in its two largest units: 41 ms, 3.2 s, 5 min 12 s, 2 h 10 min, 3 d 4 h."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def ago(seconds: float) -> str:
    """How long ago, in one unit."""
    if seconds < 1:
        return "just now"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    raise AssertionError(seconds)


def moment(at: float, now: float) -> str:
    """A time of this machine's clock; today's without the date."""
    local, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    if local.date() == today.date():
        return f"today {local:%H:%M:%S}"
    return f"{local:%d %b %H:%M:%S}" if local.year == today.year else f"{local:%d %b %Y %H:%M:%S}"


def size(bytes_: int) -> str:
    """A file's size: 812 B, 84 kB, 1.3 MB."""
    if bytes_ < 1_000:
        return f"{bytes_} B"
    return f"{bytes_ / 1_000:.0f} kB" if bytes_ < 999_500 else f"{bytes_ / 1_000_000:.1f} MB"


def _facts(task: Task, now: float, position: int | None) -> Iterable[tuple[str, str]]:
    yield "id", task.id
    yield "priority", task.priority.name.lower()
    yield "owner", task.owner
    yield from _times(task, now, position)
    yield "attempts", f"{task.attempt}, of which {task.failures} failed; {task.max_retries} failures are forgiven"
    if task.cancel_requested and not task.is_finished:
        yield "cancel", "requested"
    if task.progress:
        yield "progress", _progress(task.progress)
    for question in task.questions:
        yield "asks", f"{question.field}: {question.text}"
    if task.error:
        yield "error", f"{task.error.type}: {task.error.message}"
    if task.status is TaskStatus.COMPLETED:
        text = json.dumps(task.result, ensure_ascii=False)
        yield "result", text if len(text) <= _RESULT_SHOWN else f"{size(len(text.encode()))} of JSON, see --json"


def _times(task: Task, now: float, position: int | None) -> Iterable[tuple[str, str]]:
    yield "submitted", f"{moment(task.created_at, now)}, {ago(now - task.created_at)}"
    if task.started_at is not None:
        yield "started", moment(task.started_at, now)
    if task.finished_at is not None:
        took = "" if task.started_at is None else f", after {span(task.finished_at - task.started_at)}"
        yield "finished", f"{moment(task.finished_at, now)}{took}"
    elif task.run_at > now:
        yield "due", f"in {span(task.run_at - now)}"
    elif position is not None and not task.questions:
        yield "position", "next" if position == 0 else f"after {position} others"


def _detail(task: Task, now: float) -> str:
    """What is worth knowing first, in a few words."""
    if task.questions:
        return f"asks: {task.questions[0].text}"
    match task.status:
        case TaskStatus.COMPLETED:
            return f"took {span((task.finished_at or now) - (task.started_at or now))}"
        case TaskStatus.RUNNING:
            return _progress(task.progress) if task.progress else f"for {span(now - (task.started_at or now))}"
        case TaskStatus.FAILED | TaskStatus.RETRYING if task.error:
            again = f"again in {span(task.run_at - now)}; " if task.run_at > now else ""
            return f"{again}{_first_line(task.error)}"
        case TaskStatus.PENDING if task.run_at > now:
            return f"runs in {span(task.run_at - now)}"
        case _:
            return ""


def _show_attempts(console: Console, attempts: Sequence[Attempt]) -> None:
    """Every ended attempt, and where the last failure came from."""
    console.print()
    if not attempts:
        console.print("No attempt has ended yet.")
        return
    table = grid("ATTEMPT", "STARTED", "TOOK", "OUTCOME", "ERROR")
    for a in attempts:
        started = f"{datetime.fromtimestamp(a.started_at).astimezone():%d %b %H:%M:%S}"
        error = _first_line(a.error) if a.error else ""
        table.add_row(str(a.attempt), started, span(a.ended_at - a.started_at), a.outcome, safe(error))
    print_table(console, table)
    if trace := next((a.traceback for a in reversed(attempts) if a.traceback), None):
        console.print()
        console.print(safe(trace.rstrip()), style="dim", soft_wrap=True)


def _schedules(schedules: Sequence[Schedule], now: float) -> Table:
    table = grid("SCHEDULE", "TRIGGER", "NEXT RUN", "LAST RUN", "RUNS")
    for s in schedules:
        coming = moment(s.next_run, now) if s.enabled and s.next_run is not None else "off"
        last = "never" if s.last_run is None else moment(s.last_run, now)
        table.add_row(safe(s.name), str(s.trigger), coming, last, str(s.runs))
    return table


def grid(*headings: str) -> Table:
    """A table without lines. Only the last column gives way when the terminal is narrow."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=True, overflow="ellipsis")
    return table


def print_table(console: Console, table: Table) -> None:
    """Into a pipe without the blanks that pad a line to the table's width."""
    if console.is_terminal:
        console.print(table)
    else:
        with console.capture() as text:
            console.print(table)
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in text.get().splitlines()))


def _status(status: TaskStatus) -> Text:
    return Text(status, _STYLES[status])


def _count(status: TaskStatus, n: int) -> Text:
    return Text(f"{n:,}", _STYLES[status]) if n else Text("0", "dim")


def _first_line(error: TaskError) -> str:
    return f"{error.type}: {error.message}".partition("\n")[0]


def _progress(progress: Progress) -> str:
    share = f"{100 * progress.done / progress.total:.0f} %" if progress.total else f"{progress.done:g}"
    return f"{share}  {progress.message}" if progress.message else share


def _spread(spread: Spread) -> str:
    if spread.p50 is None or spread.p95 is None:
        return "nothing has run yet"
    return f"half within {span(spread.p50)}, 95 % within {span(spread.p95)} (the last 1,000 finished)"


def safe(text: str) -> Text:
    return Text(_plain(text))


def _plain(text: str) -> str:
    """Without what could steer the terminal: these texts come from tasks."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
