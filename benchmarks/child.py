"""Processes that a row starts: a function of this package with JSON arguments, a line of JSON back."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class Child:
    """A started process, with which one speaks in lines."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def say(self, message: object) -> None:
        """Send one line of JSON."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """Wait for the next line, JSON. Raises RuntimeError when the process is gone."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process ended with {self._process.wait()} before it answered")
        return json.loads(line)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def end(self) -> None:
        """Close its stdin, which tells it to end, and wait until it has."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@contextmanager
def process(*command: str) -> Generator[Child]:
    """A Python process with these arguments; it ends with the block."""
    child = Child([sys.executable, *command])
    try:
        yield child
    finally:
        child.end()


@contextmanager
def calling(function: str, *arguments: object) -> Generator[Child]:
    """A process that calls a function of this package, "module:name"."""
    module, name = function.split(":")
    text = ", ".join(repr(str(a) if isinstance(a, Path) else a) for a in arguments)
    with process("-c", f"from benchmarks.{module} import {name}; {name}({text})") as child:
        yield child


def tell(message: object) -> None:
    """In the child: say a line to whoever started it."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def heed() -> bool:
    """In the child: wait for a line; False when there are no more."""
    return bool(sys.stdin.readline())


def end_with_stdin() -> None:
    """In the child: have the process told to end when there are no more lines."""

    def wait() -> None:
        while heed():
            pass
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def resident_bytes() -> int:
    """In the child: how much memory it holds, after a collection. Linux only."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
