"""A queue's file that another program writes to, and the words that the server logs about it."""

import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import cast

import anyio
import apsw

from mcp_tasks.sqlite.database import Database


@contextmanager
def opened_by_another(path: Path) -> Generator[Database]:
    """The file as another program has it open."""
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(5_000)
    file = cast(Database, connection)
    try:
        yield file
    finally:
        file.close()


def write(path: Path, statement: str, *bindings: str) -> None:
    """What another program does to it."""
    with opened_by_another(path) as file:
        file.execute(statement, bindings).fetchall()


@asynccontextmanager
async def unreadable(path: Path) -> AsyncGenerator[None]:
    """In the block no task can be read (they are in the table `elsewhere`); it begins when the server has met that."""
    met = _Met()
    log = logging.getLogger("mcp_tasks.server")
    log.addHandler(met)
    try:
        write(path, "ALTER TABLE tasks RENAME TO elsewhere")
        with anyio.fail_after(20):
            await met.event.wait()
        yield
        write(path, "ALTER TABLE elsewhere RENAME TO tasks")
    finally:
        log.removeHandler(met)


class _Met(logging.Handler):
    """Set when the server warns that what is subscribed to cannot be read."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.event = anyio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "cannot be read" in record.getMessage():
            self.event.set()
