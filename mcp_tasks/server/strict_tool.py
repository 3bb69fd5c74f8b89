"""A tool whose arguments are one model that refuses what it does not know, and whose answers are ready-made."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.schemas import schema_of_answer, schema_of_arguments

QueueContext: TypeAlias = Context[TaskQueue, Any]


class Arguments(ArgModelBase):
    """The arguments of a tool. Unknown ones are refused, so their schema says `additionalProperties: false`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)

    def model_dump_one_level(self) -> dict[str, Any]:
        """The tool's function gets the validated model, whole."""
        return {"arguments": self}


class StrictTool(Tool):
    """The SDK's tool, with schemas that are made when a client lists the tools: a server starts sooner without."""

    answer: Callable[[], type[BaseModel]] = Field(exclude=True)

    def describe(self) -> None:
        """Make the schemas, once."""
        if not self.parameters:
            self.parameters = schema_of_arguments(self.fn_metadata.arg_model)
            self.fn_metadata.output_schema = schema_of_answer(self.answer())


def strict_tool(
    call: Callable[[Any, QueueContext], Awaitable[CallToolResult]],
    *,
    name: str,
    title: str,
    description: str,
    annotations: ToolAnnotations,
    arguments: type[Arguments],
    answer: Callable[[], type[BaseModel]],
) -> StrictTool:
    """The tool `name`, which is `call(arguments, context)`; `answer` gives the model of its structured content."""
    return StrictTool(
        fn=call,
        name=name,
        title=title,
        description=description,
        annotations=annotations,
        parameters={},
        fn_metadata=FuncMetadata(arg_model=arguments),
        is_async=True,
        context_kwarg="context",
        answer=answer,
    )
