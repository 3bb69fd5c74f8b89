"""The inspector's command line, as a person debugs a server with it: both transports, both eras, the real product."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Tally
from tests.interop.installed import Installed, ran
from tests.server.serving import ROOF

pytestmark = [pytest.mark.interop, pytest.mark.timeout(120)]

SERVE = [sys.executable, "-m", "mcp_tasks", "serve"]

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module", params=["stdio", "http"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """How the inspector reaches the product."""
    folder = tmp_path_factory.mktemp("product")
    if request.param == "stdio":
        yield [*SERVE, "--data-dir", str(folder)]
    else:
        with product(folder) as url:
            yield [url, "--transport", "http"]


@pytest.fixture(params=["legacy", "modern"])
def ask(
    request: pytest.FixtureRequest, target: list[str], others: Installed, home: Path, tally: Tally
) -> Ask:
    """Ask the server one thing; the result."""
    suite = f"inspector, {'http' if '--transport' in target else 'stdio'}, {request.param}"

    def ask(method: str, *options: str) -> dict[str, Any]:
        command = others.command("inspector", "--cli", *target, "--protocol-era", request.param, "--format", "json")
        ended = ran([*command, "--method", method, *options], home=home)
        assert ended.returncode == 0, ended.stderr
        tally.add(suite, passed=1)
        return json.loads(ended.stdout)["result"]

    return ask
