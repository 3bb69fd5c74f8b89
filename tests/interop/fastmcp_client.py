"""FastMCP's client, in its own environment: calls tools and prints what came, a JSON list in a line on stdout.

    python fastmcp_client.py TARGET CALLS

TARGET is an address, or a command as a JSON list. CALLS is a JSON list of [how, tool, arguments]: "call" lets the
client follow a task on its own, "task" insists on one, "cancel" insists on one and cancels it at once.
"""
# The project's environment does not have FastMCP, so its types are unknown there.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false, reportUnknownArgumentType=false

import asyncio
import json
import sys
from typing import Any

import fastmcp_tasks  # this import makes the client follow tasks
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError


async def _answer(message: str, response_type: Any, params: Any, context: Any) -> ElicitResult[dict[str, Any]]:
    """Fill in every form in the same way."""
    fields = params.requested_schema["properties"]
    return ElicitResult(action="accept", content={name: _filled_in(field) for name, field in fields.items()})


def _filled_in(field: dict[str, Any]) -> Any:
    if "enum" in field:
        return field["enum"][0]
    return {"boolean": True, "number": 2.5, "string": "Ana"}[field["type"]]


async def _outcome(client: Client[Any], how: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        match how:
            case "call":
                answer = await client.call_tool(tool, arguments)
                return _told(answer)
            case "task":
                task = await fastmcp_tasks.call_tool_task(client, tool, arguments)
                return {"task": task.task_id, **_told(await task.result())}
            case _:
                task = await fastmcp_tasks.call_tool_task(client, tool, arguments)
                await task.cancel()
                return {"task": task.task_id, "status": (await task.wait(timeout=20)).status}
    except ToolError as error:
        return {"error": str(error)}


def _told(answer: Any) -> dict[str, Any]:
    texts = [part.text for part in answer.content if part.type == "text"]
    links = [str(part.uri) for part in answer.content if part.type == "resource_link"]
    return {"text": "\n".join(texts), "links": links, "structured": answer.structured_content}


async def _main(target: str, calls: str) -> None:
    command: list[str] = json.loads(target) if target.startswith("[") else []
    transport = StdioTransport(command[0], command[1:]) if command else target
    async with Client(transport, elicitation_handler=_answer) as client:
        told = [await _outcome(client, *call) for call in json.loads(calls)]
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
