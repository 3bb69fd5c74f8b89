"""Server processes that end with the block that started them."""

import os
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SECONDS_TO_END = 10


@contextmanager
def serving(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Generator[str]:
    """Start a server that says its address in the first line on stdout; that address."""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url.startswith("http://"), f"{' '.join(command)} did not start: {url!r}"
            yield url
        finally:
            process.terminate()
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
