"""The part of apsw that the engine uses, with its types. apsw's own are partly unknown."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]


class Rows(Protocol):
    """What a statement gives. The rest of a statement runs only when its rows are read."""

    @property
    def get(self) -> Any:
        """The first value of the first row, or the first row when it has several; None without rows."""
        ...

    def fetchone(self) -> Row | None:
        """The next row."""
        ...

    def fetchall(self) -> list[Row]:
        """All rows left."""
        ...

    def __iter__(self) -> Iterator[Row]: ...


class Database(Protocol):
    """One open connection. As a context manager it is a transaction, or a savepoint inside one."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; SQLite itself may have ended it."""
        ...

    @property
    def filename_wal(self) -> str:
        """The path of the write-ahead log, whether it is there or not."""
        ...

    def set_busy_handler(self, handler: Callable[[int], bool] | None) -> None:
        """What to do when another connection holds a lock: wait and say whether to go on. None: do not wait."""
        ...

    def execute(self, statements: str, bindings: Sequence[Any] = ...) -> Rows:
        """Run a statement."""
        ...

    def changes(self) -> int:
        """How many rows the last statement changed."""
        ...

    def last_insert_rowid(self) -> int:
        """The row number of the last row inserted."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...

    def __enter__(self) -> object: ...

    def __exit__(self, *_: Any) -> bool | None: ...


_ROWS_A_STATEMENT = 32


def chunks(rows: list[Any]) -> Iterator[list[Any]]:
    """The rows in pieces that one statement takes: few statements, and not too many different ones to keep."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        yield rows[start : start + _ROWS_A_STATEMENT]


@cache
def values(rows: int, columns: int) -> str:
    """The placeholders of so many rows, after VALUES."""
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)
