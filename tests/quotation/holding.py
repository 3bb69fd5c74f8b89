"""A process that publishes, and does not come to its end: it says so, and holds on until its stdin ends.

python -m tests.quotation.holding FOLDER
"""

import sys
from pathlib import Path

from mcp_tasks.quotation.versions import KnowledgeVersions


def hold(_: Path) -> None:
    """The change that takes its time."""
    sys.stdout.write("publishing\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    KnowledgeVersions(Path(sys.argv[1])).publish(hold, base=0, by="me", what="", at=0)
