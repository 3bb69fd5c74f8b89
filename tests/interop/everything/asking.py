"""Tools and a prompt that ask the client: on a live session of the older revision, and in rounds in the newer one."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Literal

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.tools import Tool
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolResult,
    ClientCapabilities,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestedSchema,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequests,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    MissingRequiredClientCapabilityErrorData,
    SamplingCapability,
    SamplingMessage,
    TextContent,
)

AnyContext = Context[Any, Any]
Answer = CallToolResult | InputRequiredResult

DEFAULTS: ElicitRequestedSchema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    },
}

_OPTIONS = ["option1", "option2", "option3"]

CHOICES: ElicitRequestedSchema = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "enum": _OPTIONS},
        "titledSingle": {
            "type": "string",
            "oneOf": [
                {"const": "value1", "title": "First Option"},
                {"const": "value2", "title": "Second Option"},
                {"const": "value3", "title": "Third Option"},
            ],
        },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": _OPTIONS}},
        "titledMulti": {
            "type": "array",
            "items": {
                "anyOf": [
                    {"const": "value1", "title": "First Choice"},
                    {"const": "value2", "title": "Second Choice"},
                    {"const": "value3", "title": "Third Choice"},
                ]
            },
        },
    },
}


# --- on a live session (2025-11-25) ---


async def _sampling(prompt: str, ctx: AnyContext) -> str:
    answer = await ctx.session.create_message(  # pyright: ignore[reportDeprecated]  # the older revision has it
        [SamplingMessage(role="user", content=TextContent(type="text", text=prompt))],
        max_tokens=100,
        related_request_id=ctx.request_id,
    )
    return f"LLM response: {_text(answer)}"


async def _elicitation(message: str, ctx: AnyContext) -> str:
    fields = {name: {"type": "string", "description": f"Your {name}"} for name in ("username", "email")}
    asked = await _elicited(ctx, message, {"type": "object", "properties": fields, "required": [*fields]})
    return f"User response: {asked}"


async def _defaults(ctx: AnyContext) -> str:
    return f"Elicitation completed: {await _elicited(ctx, 'Check the defaults', DEFAULTS)}"


async def _choices(ctx: AnyContext) -> str:
    return f"Elicitation completed: {await _elicited(ctx, 'Choose', CHOICES)}"


async def _elicited(ctx: AnyContext, message: str, schema: ElicitRequestedSchema) -> str:
    answer = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    return f"action={answer.action}, content={answer.content}"


# --- in rounds (2026-07-28) ---


def _form(message: str, field: str, kind: Literal["string", "boolean"] = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sample(text: str, max_tokens: int = 100) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=max_tokens))


def _ask(requests: InputRequests, state: str | None = None) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def _say(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])


def _text(answer: object) -> str:
    match answer:
        case CreateMessageResult(content=TextContent(text=text)):
            return text
        case _:
            return str(answer)


def _filled(ctx: AnyContext, key: str, field: str) -> object:
    """What was filled into that field of the form `key`; None when it was not."""
    match (ctx.input_responses or {}).get(key):
        case ElicitResult(action="accept", content=dict() as content):
            return content.get(field)
        case _:
            return None


_NAME = _form("What is your name?", "name")
_CAPITAL = _sample("What is the capital of France?")


async def _name(ctx: AnyContext) -> Answer:
    name = _filled(ctx, "user_name", "name")
    return _say(f"Hello, {name}!") if name else _ask({"user_name": _NAME})


async def _capital(ctx: AnyContext) -> Answer:
    match (ctx.input_responses or {}).get("capital_question"):
        case CreateMessageResult() as answer:
            return _say(_text(answer))
        case _:
            return _ask({"capital_question": _CAPITAL})


async def _roots(ctx: AnyContext) -> Answer:
    match (ctx.input_responses or {}).get("client_roots"):
        case ListRootsResult(roots=roots):
            return _say(", ".join(str(root.uri) for root in roots))
        case _:
            return _ask({"client_roots": ListRootsRequest()})


async def _confirmed(ctx: AnyContext) -> Answer:
    if _filled(ctx, "confirm", "ok") is None:
        return _ask({"confirm": _form("Please confirm", "ok", "boolean")}, "asked to confirm")
    if ctx.request_state != "asked to confirm":  # the SDK opens what it sealed, and refuses what it did not seal
        raise MCPError(INVALID_PARAMS, "requestState is missing or not ours")
    return _say("state-ok")


async def _three_at_once(ctx: AnyContext) -> Answer:
    questions: InputRequests = {
        "user_name": _NAME,
        "greeting": _sample("Generate a greeting", 50),
        "client_roots": ListRootsRequest(),
    }
    if set(questions) <= set(ctx.input_responses or {}):
        return _say(f"Hello, {_filled(ctx, 'user_name', 'name')}!")
    return _ask(questions, "asked three things")


async def _three_rounds(ctx: AnyContext) -> Answer:
    if name := _filled(ctx, "step1", "name"):
        return _ask({"step2": _form("Step 2: What is your favorite color?", "color")}, f"name: {name}")
    if color := _filled(ctx, "step2", "color"):
        return _say(f"{ctx.request_state}, color: {color}")
    return _ask({"step1": _form("Step 1: What is your name?", "name")}, "nothing is known")


async def _what_the_client_can(ctx: AnyContext) -> Answer:
    can = ctx.client_capabilities
    asked: InputRequests = {}
    if can and can.sampling:
        asked["capital_question"] = _CAPITAL
    if can and can.elicitation:
        asked["user_name"] = _NAME
    return _ask(asked) if asked else _say("there is nothing that could be asked")


async def _needs_sampling(ctx: AnyContext) -> str:
    can = ctx.client_capabilities
    if can is None or can.sampling is None:
        needed = MissingRequiredClientCapabilityErrorData(
            required_capabilities=ClientCapabilities(sampling=SamplingCapability())
        )
        data = needed.model_dump(by_alias=True, mode="json", exclude_none=True)
        raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "this tool needs sampling", data)
    return "sampling is there"


async def _asking_prompt(ctx: AnyContext) -> str | InputRequiredResult:
    context = _filled(ctx, "user_context", "context")
    if context:
        return f"The context is {context}."
    return _ask({"user_context": _form("What context should the prompt use?", "context")})


def asking_tools() -> Iterator[Tool]:
    """All of them."""
    calls: tuple[tuple[Callable[..., Awaitable[Any]], str, str], ...] = (
        (_sampling, "test_sampling", "Asks the client's model"),
        (_elicitation, "test_elicitation", "Asks the user for a name and an address"),
        (_defaults, "test_elicitation_sep1034_defaults", "Asks with defaults of every type"),
        (_choices, "test_elicitation_sep1330_enums", "Asks with every kind of choice"),
        (_name, "test_input_required_result_elicitation", "Asks for a name, in rounds"),
        (_name, "test_streaming_elicitation", "Asks for a name, in rounds, on a stream"),
        (_capital, "test_input_required_result_sampling", "Asks the client's model, in rounds"),
        (_roots, "test_input_required_result_list_roots", "Asks for the client's roots"),
        (_confirmed, "test_input_required_result_request_state", "Asks, and knows by its state what it asked"),
        (_confirmed, "test_input_required_result_tampered_state", "Refuses a state that is not its own"),
        (_three_at_once, "test_input_required_result_multiple_inputs", "Asks three things at once"),
        (_three_rounds, "test_input_required_result_multi_round", "Asks one thing after another"),
        (_what_the_client_can, "test_input_required_result_capabilities", "Asks only what the client can answer"),
        (_needs_sampling, "test_missing_capability", "Refuses a client that cannot sample"),
    )
    for call, name, description in calls:
        yield Tool.from_function(call, name=name, description=description, structured_output=False)


def asking_prompt() -> Prompt:
    """The prompt that asks before it answers."""
    return Prompt.from_function(
        _asking_prompt, name="test_input_required_result_prompt", description="Asks for its context, in rounds"
    )
