"""A copy of the shipped knowledge, to be damaged: values put where dotted paths lead."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mcp_tasks.quotation.knowledge import SHIPPED

REMOVED = object()
LIST = "price-lists/bmc-2026-08.json"
OLDER_LIST = "price-lists/bmc-2026-02.json"


def copy(folder: Path) -> Path:
    """The shipped files, in that folder."""
    return Path(shutil.copytree(SHIPPED, folder))


def edit(file: Path, change: Callable[[Any], object]) -> None:
    """Change the content of a JSON file."""
    content: Any = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")


def put(file: Path, path: str, value: object) -> None:
    """Put `value` where the dotted `path` leads, which names the rows of a list by number or SKU."""

    def change(content: Any) -> None:
        *parents, last = path.split(".")
        place = content
        for name in parents:
            place = place[name] if name in place else next(_named(place, name))
        if value is REMOVED:
            del place[int(last) if isinstance(place, list) else last]
        else:
            place[last] = value

    edit(file, change)


def _named(rows: Any, name: str) -> Any:
    return (row for number, row in enumerate(rows) if name in (str(number), row["sku"]))
