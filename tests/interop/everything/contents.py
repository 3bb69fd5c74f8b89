"""Tools that answer at once: one kind of content each, an error, progress, log messages, and schemas to be kept."""

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import (
    AudioContent,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)
from pydantic import Field

AnyContext = Context[Any, Any]

_BETWEEN_MESSAGES_SECONDS = 0.05  # what the suite asks for between two notifications

STRICT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
"""Keywords that a server must hand through as they are."""


def red_pixel() -> bytes:
    """The smallest PNG: one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00"))
        + chunk(b"IEND", b"")
    )


def _silence() -> bytes:
    """A WAV of one silent sample."""
    shape = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = struct.pack("<4sI", b"data", 1) + b"\x80\x00"
    return struct.pack("<4sI4s", b"RIFF", 4 + len(shape) + len(data), b"WAVE") + shape + data


def image() -> ImageContent:
    """The pixel as content."""
    return ImageContent(type="image", data=base64.b64encode(red_pixel()).decode(), mime_type="image/png")


def embedded(uri: str, text: str, media_type: str = "text/plain") -> EmbeddedResource:
    """A resource inside an answer."""
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, text=text, mime_type=media_type))


async def _simple_text() -> str:
    return "This is a simple text response for testing."


async def _image() -> list[ContentBlock]:
    return [image()]


async def _audio() -> list[ContentBlock]:
    return [AudioContent(type="audio", data=base64.b64encode(_silence()).decode(), mime_type="audio/wav")]


async def _embedded() -> list[ContentBlock]:
    return [embedded("test://embedded-resource", "This is an embedded resource content.")]


async def _mixed() -> list[ContentBlock]:
    return [
        TextContent(type="text", text="Multiple content types test:"),
        image(),
        embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
    ]


async def _fails() -> str:
    raise ToolError("This tool intentionally returns an error for testing")


async def _progress(ctx: AnyContext) -> str:
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
        await anyio.sleep(_BETWEEN_MESSAGES_SECONDS)
    return "done"


async def _logs(ctx: AnyContext) -> str:
    for text in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.info(text)  # pyright: ignore[reportDeprecated]  # the older revision still has it
        await anyio.sleep(_BETWEEN_MESSAGES_SECONDS)
    return "logged"


async def _region(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
    return region


def content_tools() -> Iterator[Tool]:
    """All of them."""
    for call, name, description in (
        (_simple_text, "test_simple_text", "Answers a text"),
        (_image, "test_image_content", "Answers a picture"),
        (_audio, "test_audio_content", "Answers a sound"),
        (_embedded, "test_embedded_resource", "Answers a resource"),
        (_mixed, "test_multiple_content_types", "Answers a text, a picture and a resource"),
        (_fails, "test_error_handling", "Always fails"),
        (_progress, "test_tool_with_progress", "Reports how far it is"),
        (_logs, "test_tool_with_logging", "Logs what it does"),
        (_logs, "test_logging_tool", "Logs what it does, to whoever asked for it"),
        (_region, "test_header_parameter", "Has an argument that also travels as a header"),
    ):
        yield Tool.from_function(call, name=name, description=description, structured_output=False)
    strict = Tool.from_function(_simple_text, name="json_schema_2020_12_tool", description="Has a rich schema")
    yield strict.model_copy(update={"parameters": STRICT_SCHEMA})
