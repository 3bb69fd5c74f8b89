"""What can be read: tasks, their files, and the product's pages; each by its address, all found by templates."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import anyio
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver.resources import DEFAULT_RESOURCE_SECURITY
from mcp.shared.uri_template import UriTemplate
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    BlobResourceContents,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_tasks.errors import InvalidRequest, KnowledgeError, RequestError, StorageUnavailable, TaskNotFound
from mcp_tasks.pagespec import PageSpec
from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import shown
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.views import task_view
from mcp_tasks.server.words import Words
from mcp_tasks.task import Task, TaskStatus

Request: TypeAlias = ServerRequestContext[TaskQueue, Any]

TASK = "task://{task_id}"
ARTIFACT = "artifact://{task_id}/{name}"
_JSON = "application/json"
_NEWEST = 20  # completed tasks whose files are listed
_NOT_FOUND_BEFORE_2026 = -32002


@dataclass(frozen=True, slots=True)
class Content:
    """What stands at an address: text, or the bytes of a file."""

    media_type: str
    content: str | bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """An address, or all that a template stands for."""

    uri: str
    template: UriTemplate
    name: str
    title: str
    description: str
    media_type: str | None
    read: Callable[[Request, Mapping[str, str]], Awaitable[Content]]


class Resources:
    """Lists and reads resources."""

    def __init__(self, pages: tuple[PageSpec, ...], words: Words) -> None:
        task = "A task as task_status shows it; can be subscribed to."
        artifact = "A file that a completed task made; the task's artifacts and links have the address."
        self._places = (
            _place(TASK, "task", words.resources["task"], task, _JSON, self._task),
            _place(ARTIFACT, "artifact", words.resources["artifact"], artifact, None, self._artifact),
            *(_place(p.uri, p.name, p.title, p.description, _JSON, _page(p)) for p in pages),
        )

    def install(self, server: Server[TaskQueue]) -> None:
        """Answer what clients ask about resources."""
        server.add_request_handler("resources/list", PaginatedRequestParams, self.listed)
        server.add_request_handler("resources/templates/list", PaginatedRequestParams, self.templates)
        server.add_request_handler("resources/read", ReadResourceRequestParams, self.read)

    async def listed(self, ctx: Request, params: PaginatedRequestParams) -> ListResourcesResult:
        """The pages, and the files of the newest completed tasks."""
        pages = [
            Resource(uri=p.uri, name=p.name, title=p.title, description=p.description, mime_type=p.media_type)
            for p in self._places
            if not p.template.variable_names
        ]
        files = [
            Resource(
                uri=f"artifact://{task.id}/{file.name}",
                name=file.name,
                title=f"{file.name} ({task.id})",
                mime_type=file.media_type,
                size=file.bytes,
            )
            for task in await newest_completed(ctx.lifespan_context, owner_of_request())
            for file in task.artifacts
        ]
        return ListResourcesResult(resources=[*pages, *files])

    async def templates(self, ctx: Request, params: PaginatedRequestParams) -> ListResourceTemplatesResult:
        """How addresses are made."""
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(
                    uri_template=p.uri, name=p.name, title=p.title, description=p.description, mime_type=p.media_type
                )
                for p in self._places
                if p.template.variable_names
            ]
        )

    async def read(self, ctx: Request, params: ReadResourceRequestParams) -> ReadResourceResult:
        """What stands at an address."""
        place, values = self._found(ctx, params.uri)
        try:
            found = await place.read(ctx, values)
        except (StorageUnavailable, KnowledgeError) as error:
            raise MCPError(INTERNAL_ERROR, str(error), {"uri": params.uri}) from error
        except RequestError as error:
            raise not_found(ctx, params.uri, error) from error
        if isinstance(found.content, str):
            text = TextResourceContents(uri=params.uri, text=found.content, mime_type=found.media_type)
            return ReadResourceResult(contents=[text])
        blob = base64.b64encode(found.content).decode()
        return ReadResourceResult(
            contents=[BlobResourceContents(uri=params.uri, blob=blob, mime_type=found.media_type)]
        )

    async def check(self, ctx: Request, uri: str) -> None:
        """Refuse an address at which nothing can ever stand. A file need not be there yet."""
        _, values = self._found(ctx, uri)
        if "task_id" in values:
            try:
                await ctx.lifespan_context.get_task(values["task_id"], owner=owner_of_request())
            except TaskNotFound as error:
                raise not_found(ctx, uri, error) from error

    def _found(self, ctx: Request, uri: str) -> tuple[_Place, dict[str, str]]:
        for place in self._places:
            values = place.template.match(uri)
            if values is not None and DEFAULT_RESOURCE_SECURITY.validate(values) is None:
                return place, {name: str(value) for name, value in values.items()}
        unknown = InvalidRequest(f"there is no resource {shown(uri)!r}; the templates say how addresses are made")
        raise not_found(ctx, uri, unknown)

    async def _task(self, ctx: Request, values: Mapping[str, str]) -> Content:
        queue = ctx.lifespan_context
        task = await queue.get_task(values["task_id"], owner=owner_of_request())
        view = task_view(task, await queue.position(task), queue.clock.now())
        return Content(_JSON, view.model_dump_json())

    async def _artifact(self, ctx: Request, values: Mapping[str, str]) -> Content:
        task_id, name = values["task_id"], values["name"]
        media_type, path = await ctx.lifespan_context.artifact(task_id, name, owner=owner_of_request())
        try:
            return Content(media_type, await anyio.Path(path).read_bytes())
        except FileNotFoundError as error:
            raise InvalidRequest(f"task {task_id} no longer has its files") from error


def _place(
    uri: str,
    name: str,
    title: str,
    description: str,
    media_type: str | None,
    read: Callable[[Request, Mapping[str, str]], Awaitable[Content]],
) -> _Place:
    return _Place(uri, UriTemplate.parse(uri), name, title, description, media_type, read)


def _page(page: PageSpec) -> Callable[[Request, Mapping[str, str]], Awaitable[Content]]:
    async def read(ctx: Request, values: Mapping[str, str]) -> Content:
        return Content(_JSON, json.dumps(await page.read(**values), ensure_ascii=False))

    return read


def not_found(ctx: Request, uri: str, error: RequestError) -> MCPError:
    """That there is no such resource, with the code that the client's revision of the protocol has for it."""
    code = INVALID_PARAMS if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS else _NOT_FOUND_BEFORE_2026
    return MCPError(code, error.message, {"uri": uri, **error.to_dict()})


async def newest_completed(queue: TaskQueue, owner: str) -> list[Task]:
    """The completed tasks whose files are listed."""
    return (await queue.list_tasks(owner=owner, status=TaskStatus.COMPLETED, limit=_NEWEST)).tasks
