"""The tools that only look something up."""

from typing import Any

from mcp_types import CallToolResult, ToolAnnotations
from pydantic import create_model

from mcp_tasks.server.answers import result
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.strict_tool import Arguments, QueueContext, StrictTool, strict_tool
from mcp_tasks.toolspec import ReadSpec

# Looking changes nothing, however often, and stays on this machine.
LOOKS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


def read_tool(spec: ReadSpec) -> StrictTool:
    """The tool that answers with what `spec` reads."""

    async def read(arguments: Any, context: QueueContext) -> CallToolResult:
        answer = await spec.read(arguments, context.request_context.lifespan_context, owner_of_request())
        return result(spec.summarise(answer.model_dump(mode="json")), answer)

    bases: Any = (Arguments, spec.arguments)
    arguments: Any = create_model(f"{spec.name}_arguments", __base__=bases)
    return strict_tool(
        read,
        name=spec.name,
        title=spec.title,
        description=spec.description,
        annotations=LOOKS,
        arguments=arguments,
        answer=lambda: spec.answer,
    )
