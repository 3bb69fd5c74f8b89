"""The command `mcp-tasks`. Thin over `app` and the queue; it sees the tasks of all owners.

Exit codes: 0 done, 1 it could not be done, 2 the request was wrong. What is wrong is one line on stderr.
Imports stand inside the commands that need them, for `serve` must be quick.
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from mcp_tasks.cli_options import AsJson, Company, Config, DataDir, Template, print_json, read_settings
from mcp_tasks.errors import McpTasksError, RequestError, StorageUnavailable, TaskNotFound
from mcp_tasks.kb_commands import kb
from mcp_tasks.template_commands import templates

if TYPE_CHECKING:
    from mcp_tasks.queue import TaskQueue
    from mcp_tasks.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    name="mcp-tasks",
    help="Durable background tasks for MCP servers, and the Panelin quotation server.",
    epilog="Settings are also environment variables, for example MCP_TASKS_DATA_DIR.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(kb)
app.add_typer(templates)

TaskId = Annotated[str, typer.Argument(metavar="ID", help="A task's id, as `list` shows it.", show_default=False)]


def main() -> None:
    """Run the command line. What was refused or failed on purpose is told in a line, without a traceback."""
    for stream in (sys.stdout, sys.stderr):  # a letter that the terminal's encoding lacks is no reason to fail
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    try:
        app()
    except McpTasksError as error:
        _fail(error)


@app.command()
def serve(
    transport: Annotated[str, typer.Option(help="How clients connect: stdio, http or sse.")] = "stdio",
    host: Annotated[
        str | None, typer.Option(help="Address for http and sse; default 127.0.0.1.", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port for http and sse; default 8000, 0 takes a free one.", show_default=False)
    ] = None,
    allow_unauthenticated: Annotated[
        bool, typer.Option("--allow-unauthenticated", help="Serve others than this machine; nobody is authenticated.")
    ] = False,
    template: Template = None,
    company: Company = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Serve MCP, and run tasks meanwhile: to the one client that starts this command, or to many over HTTP.

    `http` and `sse` are the same server: Streamable HTTP at /mcp, SSE at /sse, and /healthz and /readyz.
    """
    from mcp_tasks.app import serve_http, serve_stdio
    from mcp_tasks.errors import InvalidRequest

    settings = read_settings(
        data_dir,
        config,
        host=host,
        port=port,
        allow_unauthenticated=allow_unauthenticated or None,
        template_file=template,
        company_file=company,
    )
    match transport:
        case "stdio":
            serve_stdio(settings)
        case "http" | "sse":
            serve_http(settings, _say_address)
        case _:
            raise InvalidRequest(
                f"there is no transport {transport!r}", field="transport", allowed=["stdio", "http", "sse"]
            )


def _say_address(address: str) -> None:
    typer.echo(f"Serving MCP on {address}/mcp and, for older clients, {address}/sse. Ctrl-C ends it.", err=True)


@app.command()
def start(
    max_concurrent: Annotated[
        int | None, typer.Option(help="How many tasks run at once; default 5.", show_default=False)
    ] = None,
    template: Template = None,
    company: Company = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Run tasks and schedules, without a server, until Ctrl-C or SIGTERM."""
    from mcp_tasks.app import work

    settings = read_settings(
        data_dir,
        config,
        max_concurrent_tasks=max_concurrent,
        run_worker=True,
        template_file=template,
        company_file=company,
    )
    _with_queue(settings, lambda queue: queue.stats())  # a queue that cannot be opened is said now, and once
    typer.echo(f"Running the tasks of {settings.database}. Ctrl-C ends it.", err=True)
    work(settings)


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the files that the demo makes.")] = Path("demo-output"),
    template: Template = None,
    company: Company = None,
) -> None:
    """Watch the main job: a real client and server, a bill of materials, a quotation as PDF."""
    from mcp_tasks.demo import run_demo

    run_demo(output, template, company)


@app.command()
def status(
    task_id: TaskId,
    attempts: Annotated[bool, typer.Option("--attempts", help="Show every attempt, too.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Show one task."""

    async def show(queue: "TaskQueue") -> None:
        task = await queue.get_task(task_id)
        history = await queue.attempts(task_id) if attempts else None
        position = await queue.position(task)
        now = queue.clock.now()
        if as_json:
            from mcp_tasks.server.views import task_history, task_view

            view = task_view(task, position, now)
            print_json(view if history is None else task_history(task, position, now, history))
        else:
            from mcp_tasks.console import show_task

            files = {a.name: (await queue.artifact(task_id, a.name))[1].absolute() for a in task.artifacts}
            show_task(task, now, position=position, files=files, attempts=history)

    _ask(data_dir, config, show)


@app.command("list")
def list_(
    status: Annotated[
        str | None,
        typer.Option(help="Only tasks of that status: pending, running, retrying, completed, failed or cancelled."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Only tasks of that task function.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, 1 to 1000.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where another list ended.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """List tasks, newest first."""

    async def show(queue: "TaskQueue") -> None:
        page = await queue.list_tasks(status=status, name=name, limit=limit, cursor=cursor)
        now = queue.clock.now()
        if as_json:
            from mcp_tasks.server.views import TaskPage, task_summary

            summaries = [task_summary(task, await queue.position(task), now) for task in page.tasks]
            print_json(TaskPage(tasks=tuple(summaries), next_cursor=page.next_cursor))
            return
        from mcp_tasks.console import show_page

        show_page(page, now)
        if page.next_cursor:
            typer.echo(f"There are older ones: --cursor {page.next_cursor}, or a higher --limit.", err=True)

    _ask(data_dir, config, show)


@app.command()
def stats(as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Count tasks by name and status; show times, workers and schedules."""

    async def show(queue: "TaskQueue") -> None:
        from mcp_tasks.scheduler import TaskScheduler

        found, schedules = await queue.stats(), await TaskScheduler(queue).get_scheduled_tasks()
        if as_json:
            from mcp_tasks.server.views import stats_view

            print_json(stats_view(found, schedules))
        else:
            from mcp_tasks.console import show_stats

            show_stats(found, schedules, queue.clock.now())

    _ask(data_dir, config, show)


@app.command()
def cancel(task_id: TaskId, data_dir: DataDir = None, config: Config = None) -> None:
    """Cancel a waiting task, or ask a running one to stop."""
    task = _ask(data_dir, config, lambda queue: queue.cancel(task_id))
    typer.echo(f"{task_id} is cancelled." if task.is_finished else f"{task_id} is running and was asked to stop.")


@app.command()
def retry(task_id: TaskId, data_dir: DataDir = None, config: Config = None) -> None:
    """Put a failed or cancelled task back, with its whole budget of retries."""
    task = _ask(data_dir, config, lambda queue: queue.retry(task_id))
    typer.echo(f"{task_id} is {task.status} again.")


@app.command()
def cleanup(
    hours: Annotated[float, typer.Option(min=0, help="Keep what finished in the last so many hours.")] = 24,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Delete finished tasks (completed, failed, cancelled) and their files."""
    from mcp_tasks.console import size

    pruned = _ask(data_dir, config, lambda queue: (queue.clearable if dry_run else queue.clear_completed)(hours))
    said = f"{pruned.tasks} tasks and {pruned.files} files ({size(pruned.bytes)})"
    if pruned.orphans:
        said += f", and {pruned.orphans} files that no task needs ({size(pruned.orphan_bytes)})"
    typer.echo(f"{'Would delete' if dry_run else 'Deleted'} {said}.")


def _ask(data_dir: Path | None, config: Path | None, question: "Callable[[TaskQueue], Awaitable[T]]") -> T:
    """Put a question to the queue of the settings. A queue that is not there is not made just to be looked at."""
    settings = read_settings(data_dir, config)
    if not settings.database.exists():
        raise StorageUnavailable(
            f"there is no queue in {settings.database} yet; name another folder with --data-dir, "
            "or start one: mcp-tasks start"
        )
    return _with_queue(settings, question)


def _with_queue(settings: "Settings", use: "Callable[[TaskQueue], Awaitable[T]]") -> T:
    import anyio

    from mcp_tasks.app import open_queue

    async def main() -> T:
        async with open_queue(settings) as queue:
            return await use(queue)

    return anyio.run(main)


def _fail(error: McpTasksError) -> NoReturn:
    """Say in one line what is wrong and what to write instead."""
    typer.echo(f"mcp-tasks: {_sentence(error)}", err=True)
    raise SystemExit(2 if isinstance(error, RequestError) and not isinstance(error, StorageUnavailable) else 1)


def _sentence(error: McpTasksError) -> str:
    if isinstance(error, TaskNotFound):
        return f"there is no task {error.received!r}; `mcp-tasks list` shows the tasks there are"
    hints = ""
    if isinstance(error, RequestError):
        if error.nearest is not None and "did you mean" not in error.message:
            hints += f"; did you mean {error.nearest}?"
        if error.allowed:
            hints += f" (one of: {', '.join(map(str, error.allowed))})"
    return f"{error}{hints}".replace("\n", " ")


if __name__ == "__main__":
    main()
