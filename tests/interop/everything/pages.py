"""Resources, prompts and completions with fixed content."""

import json
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp_types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from tests.interop.everything.contents import embedded, image, red_pixel


def _text() -> str:
    """A text"""
    return "This is the content of the static text resource."


def _binary() -> bytes:
    """A picture"""
    return red_pixel()


def _watched() -> str:
    """A text that clients subscribe to"""
    return "This is the content of the watched resource."


def _template(id: str) -> str:  # noqa: A002 - the suite's name
    """Data by their id"""
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _simple() -> str:
    """A prompt without arguments"""
    return "This is a simple prompt for testing."


def _with_arguments(arg1: str, arg2: str) -> str:
    """A prompt with two arguments"""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def _with_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - the suite's name
    """A prompt with a resource in it"""
    return [
        UserMessage(embedded(resourceUri, "Embedded resource content for testing.")),
        UserMessage("Please process the embedded resource above."),
    ]


def _with_image() -> list[UserMessage]:
    """A prompt with a picture in it"""
    return [UserMessage(image()), UserMessage("Please analyze the image above.")]


async def _complete(
    ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, context: CompletionContext | None
) -> Completion:
    words = [word for word in ("paris", "park", "party") if word.startswith(argument.value)]
    return Completion(values=words, total=len(words), has_more=False)


def add_pages(server: MCPServer[Any]) -> None:
    """Register them."""
    server.resource("test://static-text", mime_type="text/plain")(_text)
    server.resource("test://static-binary", mime_type="image/png")(_binary)
    server.resource("test://watched-resource", mime_type="text/plain")(_watched)
    server.resource("test://template/{id}/data", mime_type="application/json")(_template)
    server.prompt("test_simple_prompt")(_simple)
    server.prompt("test_prompt_with_arguments")(_with_arguments)
    server.prompt("test_prompt_with_embedded_resource")(_with_resource)
    server.prompt("test_prompt_with_image")(_with_image)
    server.completion()(_complete)
