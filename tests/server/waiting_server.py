"""A server whose one tool submits a task that takes as long as it is told: `uvicorn --factory` serves it."""

from typing import Any

import anyio
from pydantic import BaseModel, Field

from mcp_tasks import TaskQueue
from mcp_tasks.app import new_runtime
from mcp_tasks.decorators import background_task
from mcp_tasks.server.face import build_face
from mcp_tasks.server.http import HttpApp
from mcp_tasks.settings import Settings
from mcp_tasks.toolspec import ToolSpec


class Nap(BaseModel):
    """What the tool takes, and what its task returns."""

    seconds: float = Field(description="How long it takes")


async def nap(seconds: float) -> Nap:
    """Take so long."""
    await anyio.sleep(seconds)
    return Nap(seconds=seconds)


async def _prepare(arguments: Any, queue: TaskQueue, owner: str) -> dict[str, float]:
    return {"seconds": arguments.seconds}


def create_app() -> HttpApp:
    """The application, on the settings of the environment."""
    background_task()(nap)
    settings = Settings.read()
    runtime = new_runtime(settings)
    spec = ToolSpec(
        name="submit_nap",
        title="Nap",
        description="Sleep for so many seconds.",
        task="nap",
        arguments=Nap,
        result=Nap,
        prepare=_prepare,
        summarise=lambda result: f"slept {result['seconds']} s",
    )
    face = build_face(version="1", instructions="", language="en", specs=[spec], queue=runtime.entered)
    return HttpApp(face, runtime, settings)
