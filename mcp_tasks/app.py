"""The only place that wires: settings -> queue, worker, scheduler, faces. It owns the life of a process.

What a program imports, it imports late here: a worker never loads the MCP face.
"""

import gc
import importlib.metadata
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import anyio
from anyio import CancelScope

from mcp_tasks.clock import SystemClock
from mcp_tasks.decorators import registry
from mcp_tasks.errors import InvalidRequest, StorageUnavailable
from mcp_tasks.functions import Registry
from mcp_tasks.phrases import PHRASES
from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import unknown_field
from mcp_tasks.schedule import interval
from mcp_tasks.scheduler import TaskScheduler
from mcp_tasks.settings import Settings
from mcp_tasks.task import TaskPriority
from mcp_tasks.tasks import QuotationTasks, cleanup
from mcp_tasks.wake import current_wake
from mcp_tasks.worker import TaskWorker

if TYPE_CHECKING:
    from mcp_tasks.server.face import TaskServer

_log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# Beyond the grace, for storing what was released. Then the process ends anyhow: its tasks are reclaimed.
_DRAIN_SECONDS = 0.8
_FLUSH_SECONDS = 0.1


def open_queue(settings: Settings) -> TaskQueue:
    """The queue of the settings, with the predefined tasks. Nothing is opened before its first use.

    Raises `InvalidRequest` when the settings name functions that there are not.
    """
    clock = SystemClock()
    functions = Registry(registry)
    for function in QuotationTasks(settings, clock).functions():
        functions.add(function)
    queue = TaskQueue(
        settings.database,
        functions=functions,
        synchronous=settings.synchronous,
        max_unfinished=settings.max_unfinished,
        worker_id=settings.worker_id,
        clock=clock,
    )
    cleaning = functions.add(cleanup(queue, settings))
    every = interval(settings.auto_cleanup_interval_hours * 3_600)
    functions.schedule(cleaning.name, every if settings.auto_cleanup_enabled else None)
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


@asynccontextmanager
async def running(queue: TaskQueue, settings: Settings) -> AsyncGenerator[None]:
    """A worker and a scheduler for the length of the block, unless the settings leave them to other processes.

    A fault in one of them is logged and it starts anew; it never ends the block. At the end running tasks get
    `grace_seconds`, then they are released, and the queue is closed.
    """
    workers: list[TaskWorker] = []

    async def work() -> None:
        workers[:] = [
            TaskWorker(
                queue,
                settings.max_concurrent_tasks,
                max_processes=settings.max_processes,
                grace=settings.grace_seconds,
            )
        ]
        await workers[0].start()

    async with queue, anyio.create_task_group() as group:
        if settings.run_worker:
            group.start_soon(_keep_alive, "the worker", work)
        if settings.run_scheduler:
            group.start_soon(_keep_alive, "the scheduler", TaskScheduler(queue).run)
        try:
            yield
        finally:
            with anyio.move_on_after(settings.grace_seconds + _DRAIN_SECONDS, shield=True):
                for worker in workers:
                    await worker.stop()
            group.cancel_scope.cancel()


async def _keep_alive(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run it until it returns; after a fault start it again, at first soon, then less and less often."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        started = anyio.current_time()
        try:
            await run()
        except* StorageUnavailable as errors:
            _log.warning("%s stopped and starts again in %.1f s: %s", name, pause, errors.exceptions[0])
        except* Exception:
            _log.exception("%s stopped and starts again in %.1f s", name, pause)
        else:
            return
        if anyio.current_time() - started > _LONGEST_PAUSE_SECONDS:
            pause = _FIRST_PAUSE_SECONDS
        await anyio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


class Runtime:
    """Queue, worker and scheduler of this process, once, however many use them.

    The transports enter it as the server's lifespan: stdio once, SSE once per connection. It starts with the
    first and ends with the last; until then the first one's exit waits, even when it is cancelled.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._users = 0
        self._queue: TaskQueue | None = None
        self._unused = anyio.Event()
        self.over = anyio.Event()
        """Set when it was entered and everything has ended."""

    @asynccontextmanager
    async def entered(self) -> AsyncGenerator[TaskQueue]:
        """The running queue."""
        async with anyio.create_task_group() as group:
            if self._queue is None:
                self._queue, self._unused = open_queue(self._settings), anyio.Event()
                group.start_soon(self._run, self._queue, self._unused)
            self._users += 1
            try:
                yield self._queue
            finally:
                self._users -= 1
                if not self._users:
                    self._queue = None
                    self._unused.set()

    async def _run(self, queue: TaskQueue, unused: anyio.Event) -> None:
        with CancelScope(shield=True):  # whoever came first may be cut off while others go on
            async with running(queue, self._settings):
                await unused.wait()
        self.over.set()


def build_server(settings: Settings, runtime: Runtime | None = None) -> "TaskServer":
    """The MCP server with its tools; its lifespan runs the tasks."""
    from mcp_tasks.pages import QuotationPages
    from mcp_tasks.pagespec import Library
    from mcp_tasks.prompts import quotation_prompts
    from mcp_tasks.server.face import build_face
    from mcp_tasks.tools import INSTRUCTIONS, QuotationTools

    tasks, phrases = QuotationTasks(settings, SystemClock()), PHRASES[settings.language]
    tools, pages = QuotationTools(tasks, phrases), QuotationPages(tasks, phrases)
    return build_face(
        version=importlib.metadata.version("mcp-tasks"),
        instructions=INSTRUCTIONS,
        language=settings.language,
        specs=tools.specs(),
        library=Library(pages.specs(), quotation_prompts(), pages.words),
        queue=(runtime or Runtime(settings)).entered,
    )


def serve_stdio(settings: Settings) -> NoReturn:
    """Serve MCP on stdin and stdout until the client leaves or a signal comes; then the process ends with code 0."""
    _start_logging(settings)
    open_queue(settings)  # what is wrong in the settings is said now, in a line
    runtime = Runtime(settings)
    gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of the time to start
    server = build_server(settings, runtime)
    gc.freeze()
    gc.enable()
    _run_and_exit(server.run_stdio_async, runtime, settings)


def work(settings: Settings) -> NoReturn:
    """Run tasks and schedules, without a face, until SIGTERM or SIGINT; then the process ends with code 0."""
    _start_logging(settings)
    runtime = Runtime(settings)

    async def only_work() -> None:
        async with runtime.entered():
            await anyio.sleep_forever()

    _run_and_exit(only_work, runtime, settings)


def _run_and_exit(serve: Callable[[], Awaitable[None]], runtime: Runtime, settings: Settings) -> NoReturn:
    """Run until it returns or a signal comes, and leave nothing of this process behind.

    `os._exit` is on purpose: the SDK's reader of stdin and functions in threads cannot be cancelled, and an
    ordinary exit would wait for them. By then everything is stored and closed.
    """

    async def main() -> None:
        stop = anyio.Event()
        serving = CancelScope()
        with _signals_set(stop):
            async with anyio.create_task_group() as group:
                group.start_soon(_end_when_told, stop, serving, settings.grace_seconds + _DRAIN_SECONDS)
                group.start_soon(_exit_when_over, runtime)
                with serving:
                    await serve()
                group.cancel_scope.cancel()

    try:
        anyio.run(main)
    except* (BrokenPipeError, ConnectionResetError):
        _log.info("the client left without reading its last answer")
    _exit()


async def _end_when_told(stop: anyio.Event, serving: CancelScope, seconds: float) -> None:
    """End the serving, and the process too if that takes longer than it may."""
    await stop.wait()
    serving.cancel()
    await anyio.sleep(seconds)
    _exit()


async def _exit_when_over(runtime: Runtime) -> None:
    """When tasks no longer run here, nothing is worth waiting for but what is on its way to stdout."""
    await runtime.over.wait()
    await anyio.sleep(_FLUSH_SECONDS)
    _exit()


@contextmanager
def _signals_set(stop: anyio.Event) -> Generator[None]:
    """SIGTERM and SIGINT (on Windows also Ctrl-Break) set `stop`. Plain handlers, for they exist everywhere."""
    wake = current_wake()

    def heard(number: int, frame: object) -> None:
        wake(stop.set)

    before = {
        number: signal.signal(number, heard)
        for name in ("SIGTERM", "SIGINT", "SIGBREAK")
        if (number := getattr(signal, name, None)) is not None
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # nobody reads it any more
    os._exit(0)


def _start_logging(settings: Settings) -> None:
    """To stderr, for stdout belongs to the protocol; and to a file where the settings name one."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if settings.log_file:
        handlers.append(_log_file(settings, settings.log_file))
    logging.basicConfig(handlers=handlers, level=settings.log_level, format=settings.log_format)


def _log_file(settings: Settings, path: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    try:
        return RotatingFileHandler(
            path, maxBytes=settings.log_max_bytes, backupCount=settings.log_backup_count, encoding="utf-8"
        )
    except OSError as error:
        raise InvalidRequest(
            f"the log file {path} cannot be written: {error.strerror}; name another",
            field="log_file",
            received=str(path),
        ) from error
