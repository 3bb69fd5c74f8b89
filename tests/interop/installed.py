"""What `make interop` has installed: Node, the official suite, and the clients of others."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".interop"

_OLDEST_NODE = 22
_PACKAGES = {
    "conformance": "@modelcontextprotocol/conformance/dist/index.js",
    "inspector": "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    "mcpb": "@anthropic-ai/mcpb/dist/cli/cli.js",
}


@dataclass(frozen=True)
class Installed:
    """Commands of others, as argument lists."""

    node: str
    modules: Path
    python: Path

    def command(self, package: str, *arguments: str) -> list[str]:
        """Run an npm package."""
        return [self.node, str(self.modules / _PACKAGES[package]), *arguments]


def installed() -> Installed:
    """What is there. Skips nothing: without it the test fails and says what to run."""
    modules = FOLDER / "node_modules"
    python = FOLDER / "python" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not modules.is_dir() or not python.exists():
        pytest.fail("nothing is installed for these tests; run them with `make interop`", pytrace=False)
    own = sorted(modules.glob("node-*/bin/node*"))
    node = str(own[0]) if own else shutil.which("node")
    if node is None or _major(node) < _OLDEST_NODE:
        pytest.fail(f"no Node {_OLDEST_NODE} or newer: npm has none for this platform, so install it", pytrace=False)
    return Installed(node, modules, python)


def _major(node: str) -> int:
    return int(subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout[1:].split(".")[0])


def ran(command: Sequence[str], *, home: Path, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
    """Run to the end, at most so long; what it keeps goes into `home`, not into the user's."""
    environment = {**os.environ, "HOME": str(home), "USERPROFILE": str(home), "NO_COLOR": "1"}
    environment.pop("FORCE_COLOR", None)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, env=environment, stdin=subprocess.DEVNULL
    )
