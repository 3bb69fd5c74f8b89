"""Tools that ask in the middle of a task, in each way there is, and others that the tests look at."""

import os
import time
from pathlib import Path
from typing import Annotated

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    SamplingMessage,
    TextContent,
)
from pydantic import BaseModel

from mcp_tasks import Question
from mcp_tasks.context import NeedsAnswers
from mcp_tasks.server import TasksExtension, current_task


class Colour(BaseModel):
    """What the user likes."""

    colour: str


async def paint_as_elicited(ctx: Context) -> str:
    """Ask through the context, as tools do that know nothing of tasks."""
    wall = await ctx.elicit("Which colour for the wall?", Colour)
    door = await ctx.elicit("Which colour for the door?", Colour)
    if wall.action != "accept" or door.action != "accept":
        return f"wall {wall.action}, door {door.action}"
    return f"{wall.data.colour} wall, {door.data.colour} door"


async def pay_on_a_page(ctx: Context) -> str:
    """Ask for what only a page of the web may ask."""
    return f"paid: {(await ctx.elicit_url('Pay here', 'https://pay.example/1', '1')).action}"


async def paint_as_needed() -> str:
    """Ask by raising, with a question in words."""
    task = current_task()
    assert task is not None
    if "colour" not in task.answers:
        raise NeedsAnswers(Question("colour", "Which colour?", {"type": "string", "enum": ["red", "blue"]}))
    return f"painted {task.answers['colour']}"


async def _which_colour() -> Elicit[Colour]:
    return Elicit("Which colour?", Colour)


async def paint_as_resolved(liked: Annotated[Colour, Resolve(_which_colour)]) -> str:
    """Ask by a parameter."""
    return f"painted {liked.colour}"


async def wait_for_the_gate(gate: str, ctx: Context) -> str:
    """Tell how far it is, then wait until the file is there."""
    await ctx.report_progress(1, 2, "at the gate")
    while not await anyio.Path(gate).exists():
        await anyio.sleep(0.01)
    return f"passed {ctx.request_context.lifespan_context.get('door', 'an open door')}"


def stop_when_told(told: str) -> str:
    """Block a thread until the task is cancelled."""
    task = current_task()
    assert task is not None
    Path(told).with_suffix(".started").touch()
    while not task.cancelled:
        time.sleep(0.01)
    Path(told).touch()
    return "stopped"


def block_at_the_gate(gate: str) -> str:
    """Block a thread until the file is there, whatever the task is told; ten seconds at most."""
    task = current_task()
    assert task is not None
    Path(gate).with_suffix(f".{task.attempt}").touch()
    ended = time.monotonic() + 10
    while not Path(gate).exists():
        time.sleep(0.01)
        if time.monotonic() > ended:
            Path(gate).touch()
    return "passed"


async def sample_a_colour(ctx: Context) -> str:
    """Ask the client's model, then for something that no task can."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text="Which colour?"))
    request = CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=10))
    said = await ctx.session.send_request(request, CreateMessageResult)
    assert isinstance(said.content, TextContent)
    await ctx.session.send_ping()
    return said.content.text


def process_id() -> int:
    """Which process to kill."""
    return os.getpid()


def count(to: int) -> int:
    """Count in a thread, for it is a plain function."""
    task = current_task()
    if task:
        task.progress(to, to)
    return to


def add_asking_tools(tasks: TasksExtension) -> None:
    """Define them."""
    for tool in (paint_as_elicited, paint_as_needed, paint_as_resolved, pay_on_a_page):
        tasks.tool("required")(tool)
    for tool in (wait_for_the_gate, count, stop_when_told, block_at_the_gate, sample_a_colour):
        tasks.tool()(tool)
    tasks.tool("forbidden")(process_id)
