"""The registry's manifest describes this package as it is."""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

from mcp_tasks.settings import PREFIX, Settings

MANIFEST: dict[str, Any] = json.loads((Path(__file__).parents[2] / "server.json").read_text(encoding="utf-8"))


def test_it_names_the_package_and_version_that_are_installed() -> None:
    (package,) = MANIFEST["packages"]

    version = importlib.metadata.version(package["identifier"])
    assert MANIFEST["version"] == package["version"] == version
    assert package["transport"] == {"type": "stdio"}


def test_it_keeps_the_limits_of_the_registry() -> None:
    assert MANIFEST["name"].count("/") == 1
    assert len(MANIFEST["description"]) <= 100


def test_its_environment_variables_are_settings_with_their_defaults() -> None:
    (package,) = MANIFEST["packages"]

    for variable in package["environmentVariables"]:
        field = Settings.model_fields[variable["name"].removeprefix(PREFIX).lower()]
        assert variable.get("default", field.default) == field.default
