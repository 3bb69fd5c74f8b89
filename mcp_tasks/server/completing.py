"""Completion: what may follow of an argument that a person has begun to write."""

from collections.abc import Iterable, Mapping, Sequence

from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.shared.uri_template import UriTemplate
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    PromptReference,
    ResourceTemplateReference,
)

from mcp_tasks.errors import InvalidRequest, KnowledgeError, TaskNotFound
from mcp_tasks.pagespec import Library
from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import nearest, shown
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.prompting import Prompts
from mcp_tasks.server.resources import ARTIFACT, TASK, Request
from mcp_tasks.spelling import folded

_MOST_VALUES = 100  # the protocol's own limit; of tasks it is also how many we look at, the newest


class Completions:
    """Completes the arguments of prompts and of resource templates."""

    def __init__(self, library: Library, prompts: Prompts) -> None:
        self._library = library
        self._prompts = prompts
        self._templates = [TASK, ARTIFACT, *(page.uri for page in library.pages)]

    def install(self, server: Server[TaskQueue]) -> None:
        """Answer `completion/complete`."""
        server.add_request_handler("completion/complete", CompleteRequestParams, self.complete)

    async def complete(self, ctx: Request, params: CompleteRequestParams) -> CompleteResult:
        """The values that begin like what is written, then those that contain it; in the order that they have."""
        name, written = params.argument.name, folded(params.argument.value)
        try:
            self._check(params.ref, name)
        except InvalidRequest as error:
            raise MCPError(INVALID_PARAMS, error.message, error.to_dict()) from error
        chosen = (params.context and params.context.arguments) or {}
        if name == "task_id":
            return CompleteResult(completion=await _newest_tasks(ctx.lifespan_context, written))
        try:
            values = _matching(await self._values(ctx, name, chosen), written)
        except KnowledgeError as error:
            raise MCPError(INTERNAL_ERROR, str(error)) from error
        shown_values = values[:_MOST_VALUES]
        return CompleteResult(
            completion=Completion(values=shown_values, total=len(values), has_more=len(values) > len(shown_values))
        )

    def _check(self, ref: PromptReference | ResourceTemplateReference, argument: str) -> None:
        """Refuse what there is not. Raises `InvalidRequest`."""
        known = self._arguments(ref)
        if argument not in known:
            message = f"there is no argument {shown(argument)!r}"
            raise InvalidRequest(message, field="argument", allowed=known, nearest=nearest(argument, known))

    def _arguments(self, ref: PromptReference | ResourceTemplateReference) -> Sequence[str]:
        match ref:
            case PromptReference():
                return [argument.name for argument in self._prompts.named(ref.name).arguments]
            case ResourceTemplateReference():
                if ref.uri in self._templates:
                    return UriTemplate.parse(ref.uri).variable_names
                raise InvalidRequest(f"there is no template {shown(ref.uri)!r}", allowed=self._templates)

    async def _values(self, ctx: Request, name: str, chosen: Mapping[str, str]) -> Iterable[str]:
        match name, chosen:
            case "name", {"task_id": task_id}:
                try:
                    task = await ctx.lifespan_context.get_task(task_id, owner=owner_of_request())
                    return [file.name for file in task.artifacts]
                except TaskNotFound:
                    return ()
            case _:
                return await self._library.words(name, chosen)


async def _newest_tasks(queue: TaskQueue, written: str) -> Completion:
    """How many older ones match is not counted: this is asked at each key that somebody presses."""
    page = await queue.list_tasks(owner=owner_of_request(), limit=_MOST_VALUES)
    ids = _matching([task.id for task in page.tasks], written)
    return Completion(values=ids, has_more=page.next_cursor is not None)


def _matching(values: Iterable[str], written: str) -> list[str]:
    found = [value for value in values if written in folded(value)]
    return sorted(found, key=lambda value: not folded(value).startswith(written))  # stable: the rest stays in order
