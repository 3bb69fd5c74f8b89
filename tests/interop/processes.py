"""Server processes that end with the block that started them."""

import re
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

ROOT = Path(__file__).parents[2]
PRODUCT = [sys.executable, "-m", "mcp_tasks", "serve"]

_SECONDS_TO_START = 20
_SECONDS_TO_END = 10


@contextmanager
def serving(*command: str) -> Generator[str]:
    """Start a server that says its address on stderr; that address."""
    addresses: SimpleQueue[str] = SimpleQueue()
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        Thread(target=_listen, args=(process, addresses), daemon=True).start()
        try:
            url = addresses.get(timeout=_SECONDS_TO_START)
            assert url, f"{' '.join(command)} did not start"
            yield url
        finally:
            process.terminate()
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _listen(process: "subprocess.Popen[str]", addresses: SimpleQueue[str]) -> None:
    """Hand through what it says, and what in it is an address; nothing when it is gone."""
    for line in process.stderr or ():
        sys.stderr.write(line)
        if found := re.search(r"http://\S+/mcp", line):
            addresses.put(found[0])
    addresses.put("")


def product_over_http(folder: Path) -> AbstractContextManager[str]:
    """The real server on that data folder, on a free port."""
    return serving(*PRODUCT, "--transport", "http", "--port", "0", "--data-dir", str(folder))


def fixture_over_http(folder: Path) -> AbstractContextManager[str]:
    """The fixture server with its tasks in that folder, on a free port."""
    return serving(sys.executable, "-m", "tests.interop.everything.server", str(folder))


def product_over_stdio(folder: Path) -> Sequence[str]:
    """The command of the real server on that data folder."""
    return [*PRODUCT, "--data-dir", str(folder)]
