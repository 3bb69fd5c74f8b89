"""The lists of this server have one page, so no cursor can be right; the SDK's handlers do not look at it."""

from mcp import MCPError
from mcp.server.context import HandlerResult
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.server import RequestHandler
from mcp_types import INVALID_PARAMS, PaginatedRequestParams

from mcp_tasks.queue import TaskQueue
from mcp_tasks.repair import shown
from mcp_tasks.server.resources import Request

_LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")


def refuse_cursors(server: Server[TaskQueue]) -> None:
    """Let every list refuse a cursor that it never gave."""
    for method in _LISTS:
        entry = server.get_request_handler(method)
        assert entry is not None
        server.add_request_handler(method, PaginatedRequestParams, _first_page_only(entry.handler))


def _first_page_only(
    handler: RequestHandler[TaskQueue, PaginatedRequestParams],
) -> RequestHandler[TaskQueue, PaginatedRequestParams]:
    async def first_page(ctx: Request, params: PaginatedRequestParams) -> HandlerResult:
        if params.cursor is not None:
            raise MCPError(INVALID_PARAMS, f"the cursor {shown(params.cursor)!r} is not of this list; leave it out", {})
        return await handler(ctx, params)

    return first_page
