"""A change of the knowledge, and a look at what it did: the price of ISDEC100 in the newest list.

python -m tests.quotation.changing FOLDER PRICE publishes such a change over version 0, once a line comes on stdin;
it prints the version's number, or "conflict". With a further argument, the name of a step, it kills itself there.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mcp_tasks.errors import VersionConflict
from mcp_tasks.quotation import versions as subject
from mcp_tasks.quotation.fields import plain
from mcp_tasks.quotation.versions import KnowledgeVersions
from tests.crash.failpoints import Countdown, around

STEPS = ("copied", "written", "synced", "renamed", "told")
SKU = "ISDEC100"


def set_price(price: str) -> Callable[[Path], None]:
    """The change: its first row gets that price."""

    def change(folder: Path) -> None:
        file = folder / "price-lists" / "bmc-2026-08.json"
        content: Any = json.loads(file.read_text(encoding="utf-8"))
        assert content["rows"][0]["sku"] == SKU
        content["rows"][0]["price"] = price
        file.write_text(json.dumps(content), encoding="utf-8")

    return change


def make_older(version: Path) -> None:
    """Let a version be made from the data of an earlier release of the package."""
    note = version / "version.json"
    content: Any = json.loads(note.read_text(encoding="utf-8"))
    assert content["packaged"]
    note.write_text(json.dumps(content | {"packaged": "0" * 64}), encoding="utf-8")


def price_of(versions: KnowledgeVersions) -> str:
    """What a quotation would take."""
    price = versions.knowledge().price_list(None).price(SKU)
    assert price is not None
    return plain(price)


def put_points(countdown: Countdown) -> None:
    """Wrap the steps between which a death makes a difference."""
    around(countdown, shutil, "copyfile", after="copied")
    around(countdown, subject, "load", after="written")
    around(countdown, subject, "sync_tree", after="synced")
    around(countdown, Path, "rename", after="renamed")
    around(countdown, subject, "sync", after="told")


def main(folder: Path, price: str) -> None:
    """Publish over version 0."""
    versions = KnowledgeVersions(folder)
    sys.stdin.readline()
    try:
        said = str(versions.publish(set_price(price), base=0, by="me", what="", at=0).number)
    except VersionConflict:
        said = "conflict"
    sys.stdout.write(said)


if __name__ == "__main__":
    if step := sys.argv[3:]:
        put_points(Countdown(step[0], 1))
    main(Path(sys.argv[1]), sys.argv[2])
