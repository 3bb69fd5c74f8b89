"""A tool whose arguments are one model that refuses what it does not know, and whose answers are ready-made."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from mcp_tasks.queue import TaskQueue

QueueContext: TypeAlias = Context[TaskQueue, Any]

_REFUSAL = {
    "code": {"type": "string", "description": "Only of a refused call: why"},
    "message": {"type": "string", "description": "Only of a refused call: what to write instead"},
}


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
            self.parameters = self.fn_metadata.arg_model.model_json_schema(schema_generator=_Untitled)
            self.fn_metadata.output_schema = _or_refusal(
                self.answer().model_json_schema(mode="serialization", schema_generator=_QuickToCheck)
            )


def _or_refusal(answer: dict[str, Any]) -> dict[str, Any]:
    """The schema of an answer, or of a refused call: clients in TypeScript hold refusals against it as well.

    The answer's fields stay at the top, for not every host looks into alternatives.
    """
    required = answer.pop("required")
    answer.pop("additionalProperties", None)  # a refusal has other fields
    either = [{"required": required}, {"required": list(_REFUSAL)}]
    return {**answer, "properties": {**answer["properties"], **_REFUSAL}, "anyOf": either}


class _Untitled(GenerateJsonSchema):
    """JSON schemas without what only repeats itself at the cost of every client: titles, and null as a default."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if key != "default" or value is not None}


class _QuickToCheck(_Untitled):
    """For answers, which clients check each time: what may be null costs a validator less this way, and fewer words."""

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and not inner.keys() & {"enum", "const"}:
            return {**inner, "type": [inner["type"], "null"]}
        return self.get_union_of_schemas([{"type": "null"}, inner])


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
