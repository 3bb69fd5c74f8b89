"""The only place that wires: settings -> queue, worker, scheduler, faces.

What a program imports, it imports late here: a worker never loads the MCP face.
"""

import gc
import importlib.metadata
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import anyio

from mcp_tasks.clock import SystemClock
from mcp_tasks.decorators import registry
from mcp_tasks.errors import InvalidRequest
from mcp_tasks.functions import Registry
from mcp_tasks.logs import start_logging
from mcp_tasks.phrases import PHRASES
from mcp_tasks.predefined.checking import EVERY_SECONDS, KnowledgeChecking
from mcp_tasks.predefined.pricing import PriceTasks
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.predefined.reporting import DailyReporting
from mcp_tasks.predefined.upkeep import cleanup, keep_seconds
from mcp_tasks.process import cancelled_when, run_and_exit
from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import unknown_field
from mcp_tasks.runtime import DRAIN_SECONDS, Runtime
from mcp_tasks.schedule import interval
from mcp_tasks.settings import PREFIX, Settings
from mcp_tasks.task import TaskPriority

if TYPE_CHECKING:
    from mcp_tasks.server.face import TaskServer
    from mcp_tasks.server.http import HttpApp


def open_queue(settings: Settings) -> TaskQueue:
    """The queue of the settings, with the predefined tasks. Nothing is opened before its first use.

    Raises `InvalidRequest` when the settings name functions that there are not.
    """
    clock = SystemClock()
    functions = Registry(registry)
    quoting = QuotationTasks(settings, clock)
    for function in quoting.functions():
        functions.add(function)
    queue = TaskQueue(
        settings.database,
        functions=functions,
        synchronous=settings.synchronous,
        max_unfinished=settings.max_unfinished,
        worker_id=settings.worker_id,
        clock=clock,
    )
    functions.add(PriceTasks(quoting, settings, clock).function(queue))
    cleaning = functions.add(cleanup(queue, settings))
    every = interval(settings.auto_cleanup_interval_hours * 3_600)
    functions.schedule(cleaning.name, every if settings.auto_cleanup_enabled else None)
    checking = KnowledgeChecking(queue, quoting)
    functions.schedule(functions.add(checking.function()).name, interval(EVERY_SECONDS))
    reporting = DailyReporting(queue, quoting, settings)
    functions.schedule(functions.add(reporting.function()).name, reporting.trigger())
    _configure(functions, settings)
    return queue


def _configure(functions: Registry, settings: Settings) -> None:
    """Put what the settings say of single functions in place of what their code says."""
    known = sorted(functions.functions())
    for section, named in (("tasks", settings.tasks), ("scheduler.scheduled_tasks", settings.scheduled_tasks)):
        for name in named:
            if name not in known:
                raise unknown_field(f"{section}.{name}", known)
    for name, options in settings.tasks.items():
        function = functions.get(name)
        functions.add(
            replace(
                function,
                priority=TaskPriority[options.priority.upper()] if options.priority else function.priority,
                max_retries=function.max_retries if options.max_retries is None else options.max_retries,
                timeout=options.timeout_seconds or function.timeout,
            )
        )
    for name, scheduled in settings.scheduled_tasks.items():
        functions.schedule(name, scheduled.trigger(settings.timezone))


def new_runtime(settings: Settings) -> Runtime:
    """What runs the tasks of the settings. Raises `InvalidRequest` when they name functions or files that are not."""
    open_queue(settings)  # opens nothing yet, but says what is wrong
    _look_for_stationery(settings)
    return Runtime(partial(open_queue, settings), settings)


def _look_for_stationery(settings: Settings) -> None:
    """A wrong name is told at the start; what is wrong inside a file can be mended while the server runs."""
    template, company = settings.template_file, settings.company_file
    if template is not None and template.is_dir():
        from mcp_tasks.quotation.render import TEMPLATE

        template /= TEMPLATE.name
    for name, path in (("template_file", template), ("company_file", company)):
        if path is not None and not path.is_file():
            raise InvalidRequest(
                f"{name}: there is no file {path}; name one that is there, or leave {PREFIX}{name.upper()} out",
                field=name,
                received=str(path),
            )


def build_server(settings: Settings, runtime: Runtime | None = None) -> "TaskServer":
    """The MCP server with its tools; its lifespan runs the tasks."""
    from mcp_tasks.lookup_phrases import LOOKUP_PHRASES
    from mcp_tasks.pages import QuotationPages
    from mcp_tasks.pagespec import Library
    from mcp_tasks.prompts import quotation_prompts
    from mcp_tasks.server.face import build_face
    from mcp_tasks.tools.catalog import CatalogTool
    from mcp_tasks.tools.comparing import ComparisonTool
    from mcp_tasks.tools.prices import PriceTool
    from mcp_tasks.tools.quotations import QuotationsTool
    from mcp_tasks.tools.quoting import INSTRUCTIONS, QuotationTools
    from mcp_tasks.tools.reports import ReportTool

    clock, phrases = SystemClock(), PHRASES[settings.language]
    tasks = QuotationTasks(settings, clock)
    lookups = LOOKUP_PHRASES[settings.language]
    tools, pages = QuotationTools(tasks, phrases), QuotationPages(tasks, phrases)
    prices = PriceTool(PriceTasks(tasks, settings, clock), phrases.prices)
    return build_face(
        version=importlib.metadata.version("mcp-tasks"),
        instructions=INSTRUCTIONS,
        language=settings.language,
        specs=(*tools.specs(), prices.spec()),
        reads=[
            CatalogTool(tasks, phrases.search).spec(),
            ComparisonTool(tasks, lookups.comparison).spec(),
            QuotationsTool(lookups.quotations).spec(),
            ReportTool(lookups.report).spec(),
        ],
        library=Library(pages.specs(), quotation_prompts(), pages.words),
        queue=(runtime or new_runtime(settings)).entered,
        keep_seconds=keep_seconds(settings) if settings.auto_cleanup_enabled else {},
    )


def create_app(settings: Settings | None = None) -> "HttpApp":
    """The ASGI application, for any server: `uvicorn --factory mcp_tasks.app:create_app`.

    It serves Streamable HTTP at /mcp, SSE at /sse and /messages/, and /healthz and /readyz; the tasks run while it
    does. Settings come from the environment unless they are given. When the server is told to end, it ends its
    streams, which most servers wait for.
    """
    from mcp_tasks.server.http import HttpApp

    settings = settings or Settings.read()
    runtime = new_runtime(settings)
    return HttpApp(build_server(settings, runtime), runtime, settings)


def serve_stdio(settings: Settings) -> NoReturn:
    """Serve MCP on stdin and stdout until the client leaves or a signal comes; then the process ends with code 0."""
    start_logging(settings)
    runtime = new_runtime(settings)
    gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of the time to start
    server = build_server(settings, runtime)
    gc.freeze()
    gc.enable()

    async def serve(told: anyio.Event) -> None:
        async with cancelled_when(told):
            await server.run_stdio_async()

    _run_and_exit(serve, runtime, settings)


def serve_http(settings: Settings, ready: Callable[[str], object]) -> NoReturn:
    """Serve MCP over HTTP and SSE until a signal comes; then the process ends with code 0.

    `ready` is called with the address, "http://127.0.0.1:8000", when clients may connect. Raises `InvalidRequest`
    when the settings name an address that is not to be had, or one that others reach, without their consent to that.
    """
    from mcp_tasks.server.serving import bound, serve_app

    start_logging(settings)
    sockets = bound(settings)
    app = create_app(settings)
    gc.freeze()
    _run_and_exit(partial(serve_app, app, sockets, ready), app.runtime, settings)


def work(settings: Settings) -> NoReturn:
    """Run tasks and schedules, without a face, until SIGTERM or SIGINT; then the process ends with code 0."""
    start_logging(settings)
    runtime = new_runtime(settings)

    async def only_work(told: anyio.Event) -> None:
        async with runtime.entered():
            await told.wait()

    _run_and_exit(only_work, runtime, settings)


def _run_and_exit(serve: Callable[[anyio.Event], Awaitable[None]], runtime: Runtime, settings: Settings) -> NoReturn:
    run_and_exit(serve, runtime.over, lambda: runtime.failed, settings.grace_seconds + DRAIN_SECONDS)
