"""Prompts: listed, and made of what the person filled in."""

from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp_types import (
    INVALID_PARAMS,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.pagespec import PromptSpec
from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import nearest, shown, unknown_field
from mcp_tasks.server.resources import Request

_LONGEST_ARGUMENT = 10_000


class Prompts:
    """The product's prompts."""

    def __init__(self, prompts: tuple[PromptSpec, ...]) -> None:
        self._prompts = {prompt.name: prompt for prompt in prompts}

    def install(self, server: Server[TaskQueue]) -> None:
        """Answer what clients ask about prompts."""
        server.add_request_handler("prompts/list", PaginatedRequestParams, self.listed)
        server.add_request_handler("prompts/get", GetPromptRequestParams, self.get)

    async def listed(self, ctx: Request, params: PaginatedRequestParams) -> ListPromptsResult:
        """All of them."""
        return ListPromptsResult(
            prompts=[
                Prompt(
                    name=prompt.name,
                    title=prompt.title,
                    description=prompt.description,
                    arguments=[
                        PromptArgument(name=a.name, description=a.description, required=a.required)
                        for a in prompt.arguments
                    ],
                )
                for prompt in self._prompts.values()
            ]
        )

    async def get(self, ctx: Request, params: GetPromptRequestParams) -> GetPromptResult:
        """One of them, with its arguments in it."""
        try:
            prompt = self.named(params.name)
            given = _checked(prompt, params.arguments or {})
        except InvalidRequest as error:
            raise MCPError(INVALID_PARAMS, error.message, error.to_dict()) from error
        message = PromptMessage(role="user", content=TextContent(type="text", text=prompt.text(given)))
        return GetPromptResult(description=prompt.description, messages=[message])

    def named(self, name: str) -> PromptSpec:
        """The prompt of that name. Raises `InvalidRequest`."""
        if name not in self._prompts:
            names = list(self._prompts)
            raise InvalidRequest(
                f"there is no prompt {shown(name)!r}", field="name", allowed=names, nearest=nearest(name, names)
            )
        return self._prompts[name]


def _checked(prompt: PromptSpec, given: dict[str, str]) -> dict[str, str]:
    """The arguments that were filled in."""
    names = [argument.name for argument in prompt.arguments]
    for name, value in given.items():
        if name not in names:
            raise unknown_field(name, names)
        if len(value) > _LONGEST_ARGUMENT:
            raise InvalidRequest(f"{name}: at most {_LONGEST_ARGUMENT} characters", field=name)
    filled = {name: value for name, value in given.items() if value.strip()}
    for argument in prompt.arguments:
        if argument.required and argument.name not in filled:
            raise InvalidRequest(f"{argument.name}: this argument is required", field=argument.name)
    return filled
