"""What a check found: where, what stands there, and what should."""

from collections.abc import Iterable
from typing import Literal

from mcp_tasks.quotation.fields import Model
from mcp_tasks.repair import shown

Level = Literal["error", "warning"]
Status = Literal["ok", "warnings", "errors"]


class Finding(Model):
    """A fault (error) or something that a person should look at (warning).

    `path` is the file and the place in it: "price-lists/bmc-2026-02.json#rows.17.price".
    """

    level: Level
    code: str
    path: str
    value: str | None
    expected: str | None
    text: str


def error(code: str, path: str, text: str, *, value: object = None, expected: str | None = None) -> Finding:
    """Something that makes quotations wrong or impossible."""
    return _finding("error", code, path, text, value, expected)


def warning(code: str, path: str, text: str, *, value: object = None, expected: str | None = None) -> Finding:
    """Something that may well be right."""
    return _finding("warning", code, path, text, value, expected)


def status_of(findings: Iterable[Finding]) -> Status:
    """The worst level there is."""
    levels = {finding.level for finding in findings}
    return "errors" if "error" in levels else "warnings" if levels else "ok"


def _finding(level: Level, code: str, path: str, text: str, value: object, expected: str | None) -> Finding:
    given = None if value is None else _writable(str(shown(str(value))))
    return Finding(level=level, code=code, path=_writable(path), value=given, expected=expected, text=_writable(text))


def _writable(text: str) -> str:
    """Without halves of characters, which JSON can name ("\\ud800") and no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
