"""The files of a knowledge folder as they stand there: bytes for their digest, JSON for the checks."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from mcp_tasks.quotation import strict_json
from mcp_tasks.quotation.knowledge import PRICE_LISTS, SHIPPED
from mcp_tasks.quotation.validation.finding import Finding, error

PRODUCTS = "products.json"
RULES = "rules.json"
GOLDEN = "golden.json"

_CHECKS = b"3"  # counted up when the checks change, so that what was found before does not stand for them


@dataclass(frozen=True, slots=True)
class Files:
    """The content of the files by their names, such as "price-lists/bmc-2026-02.json"; None: it cannot be read."""

    content: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def products(self) -> Any:
        return self.content[PRODUCTS]

    @property
    def rules(self) -> Any:
        return self.content[RULES]

    @property
    def golden(self) -> Any:
        return self.content[GOLDEN]

    @property
    def price_lists(self) -> dict[str, Any]:
        """The price lists that are JSON, by the names of their files."""
        return {name: raw for name, raw in self.content.items() if name.startswith(PRICE_LISTS) and raw is not None}


def contents(folder: Path) -> dict[str, bytes | OSError]:
    """The bytes of each file, or why it cannot be read. Worked quotations of its own go before the shipped."""
    golden = _bytes(folder / GOLDEN)
    return {
        PRODUCTS: _bytes(folder / PRODUCTS),
        RULES: _bytes(folder / RULES),
        GOLDEN: _bytes(SHIPPED / GOLDEN) if isinstance(golden, FileNotFoundError) else golden,
        **{f"{PRICE_LISTS}/{path.name}": _bytes(path) for path in _price_lists(folder)},
    }


def digest(found: Mapping[str, bytes | OSError]) -> str:
    """The same for the same files: SHA-256 over their names and contents."""
    whole = hashlib.sha256(_CHECKS)
    for name, content in found.items():
        data = content if isinstance(content, bytes) else b""
        whole.update(f"{name} {len(data)} ".encode() + hashlib.sha256(data).digest())
    return whole.hexdigest()


def parsed(found: Mapping[str, bytes | OSError]) -> Files:
    """The files as JSON; what is not there or not JSON is found."""
    findings: list[Finding] = []
    content: dict[str, Any] = {}
    for name, data in found.items():
        content[name] = None
        if isinstance(data, OSError):
            findings.append(error("file_unreadable", name, f"the file cannot be read: {data.strerror}"))
            continue
        try:
            content[name] = strict_json.loads(data.decode("utf-8"))
        except ValueError as fault:
            findings.append(error("file_unreadable", name, f"the file is not JSON in UTF-8: {fault}"))
    if not any(name.startswith(PRICE_LISTS) for name in found):
        findings.append(error("file_unreadable", PRICE_LISTS, "there is no price list", expected="a JSON file"))
    return Files(content, tuple(findings))


def field(raw: object, name: str) -> object:
    """What stands under `name`, if `raw` is an object at all."""
    return cast(dict[str, object], raw).get(name) if isinstance(raw, dict) else None


def rows(raw: object, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of the list `name` with their numbers, whatever else stands there."""
    listed = field(raw, name)
    for number, row in enumerate(cast(list[object], listed) if isinstance(listed, list) else ()):
        if isinstance(row, dict):
            yield number, cast(dict[str, Any], row)


def names(raw: object, listed: str, name: str) -> dict[str, int]:
    """The texts under `name` in the objects of a list, with the numbers of the first that have them."""
    found: dict[str, int] = {}
    for number, row in rows(raw, listed):
        if isinstance(value := row.get(name), str):
            found.setdefault(value, number)
    return found


def _price_lists(folder: Path) -> list[Path]:
    """Those that can be listed; that there are none is found later."""
    try:
        return sorted((folder / PRICE_LISTS).glob("*.json"))
    except OSError:
        return []


def _bytes(path: Path) -> bytes | OSError:
    try:
        return path.read_bytes()
    except OSError as fault:
        return fault
