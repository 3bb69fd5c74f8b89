"""The files that prices may be read from: those of one folder, and nothing outside it."""

from pathlib import Path, PurePath

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.price_rows import MAX_BYTES, TABLES, PriceSource, read_source
from mcp_tasks.repair import nearest, shown

_SUFFIXES = (".json", *TABLES)
_LISTED = 50
_NAMED = 10  # of these, in the sentence


def open_source(folder: Path, name: str) -> PriceSource:
    """The rows of the file `name` in `folder` or below it.

    Raises `InvalidRequest`, which lists the files there are, for a name that leads elsewhere or to nothing; also for
    a file that cannot be read.
    """
    path = _inside(folder, name)
    if path is None or path.suffix.lower() not in _SUFFIXES:
        raise _no_such_file(folder, name)
    try:
        with path.open("rb") as file:
            return read_source(str(PurePath(name)), file.read(MAX_BYTES + 1))
    except OSError as error:
        raise InvalidRequest(
            f"source: {shown(name)} cannot be read: {error.strerror}", field="source", received=shown(name)
        ) from error


def _inside(folder: Path, name: str) -> Path | None:
    """The file, links followed; None when it is not one, or not in the folder."""
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        return None
    try:
        path = (folder / name).resolve(strict=True)
        return path if path.is_file() and path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError):  # nothing there, a null in it, links that go round
        return None


def _no_such_file(folder: Path, name: str) -> InvalidRequest:
    try:
        listed = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError:
        listed = []
    names = [other for other in listed if _inside(folder, other)][:_LISTED]
    more = ", ..." if len(names) > _NAMED else ""
    there = f"it has {', '.join(names[:_NAMED])}{more}" if names else f"it has none; {', '.join(_SUFFIXES)} are read"
    return InvalidRequest(
        f"source: {shown(name)!r} is not a file in the server's folder of price files (MCP_TASKS_PRICE_SOURCE_DIR): "
        f"{there}",
        field="source",
        received=shown(name),
        allowed=names or None,
        nearest=nearest(name, names),
    )
