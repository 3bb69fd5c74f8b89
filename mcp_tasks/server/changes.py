"""Who asked hears that a resource has changed: on a session of the handshake era, or on a stream of its own.

Only tasks and their files change. What wakes us is the store's commit, in whatever process; nothing is polled.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeAlias

import anyio
from anyio.abc import TaskGroup
from mcp import MCPError
from mcp.server.connection import Connection
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated
from mcp.shared.uri_template import UriTemplate
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    EmptyResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)

from mcp_tasks.beside import beside
from mcp_tasks.errors import StorageUnavailable, TaskNotFound
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.resources import ARTIFACT, TASK, Request, Resources, newest_completed
from mcp_tasks.task import Task

Tell: TypeAlias = Callable[[], Awaitable[None]]

_MOST_STREAMS = 1_024
_MOST_RESOURCES = 1_000  # of one stream or connection
_STATE = "mcp_tasks.subscriptions"
_TASK, _ARTIFACT = UriTemplate.parse(TASK), UriTemplate.parse(ARTIFACT)


class Changes:
    """Both ways to hear of changes."""

    def __init__(self, resources: Resources) -> None:
        self._listening = Listening()
        self._subscriptions = Subscriptions(resources)
        self.carried = self._subscriptions.carried

    def install(self, server: Server[TaskQueue]) -> None:
        """Answer who wants to hear."""
        server.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, self._listening)
        server.add_request_handler("resources/subscribe", SubscribeRequestParams, self._subscriptions.subscribe)
        server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, self._subscriptions.unsubscribe)


class Listening(ListenHandler):
    """`subscriptions/listen`: the SDK's handler, with a bus for each stream and a child for each resource on it."""

    def __init__(self) -> None:
        super().__init__(InMemorySubscriptionBus())
        self._open: set[ListenHandler] = set()

    async def __call__(self, ctx: Request, params: SubscriptionsListenRequestParams) -> SubscriptionsListenResult:
        """One stream, until either side ends it."""
        uris = dict.fromkeys(params.notifications.resource_subscriptions or ())
        if len(self._open) >= _MOST_STREAMS:
            raise MCPError(INTERNAL_ERROR, "too many streams are open; close one")
        _check_number(len(uris))
        queue, owner = ctx.lifespan_context, owner_of_request()
        bus = InMemorySubscriptionBus()
        stream = ListenHandler(bus)
        self._open.add(stream)
        try:
            async with beside() as children:
                for uri in uris:
                    children.start_soon(_follow, queue, uri, owner, partial(bus.publish, ResourceUpdated(uri)))
                if params.notifications.resources_list_changed:
                    children.start_soon(_follow_list, queue, owner, partial(bus.publish, ResourcesListChanged()))
                return await stream(ctx, params)
        finally:
            self._open.discard(stream)

    def close(self) -> None:
        """End every stream with its last answer."""
        for stream in self._open:
            stream.close()


class _Follower:
    """A child that tells one connection of one resource, in whichever group carries it."""

    def __init__(self, follow: Callable[[], Awaitable[None]]) -> None:
        self._follow = follow
        self._scope = anyio.CancelScope()
        self._stopped = False
        self.group: TaskGroup | None = None

    def start(self, group: TaskGroup) -> None:
        """Run in that group."""
        self.group = group
        group.start_soon(self._run)

    def stop(self) -> None:
        """For good."""
        self._stopped = True
        self._scope.cancel()

    async def _run(self) -> None:
        if not self._stopped:
            with anyio.CancelScope() as self._scope:
                await self._follow()


class Subscriptions:
    """`resources/subscribe` of the handshake era. Its children outlive the request and end with the connection."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._groups: list[TaskGroup] = []
        self._followers: set[_Follower] = set()

    @asynccontextmanager
    async def carried(self) -> AsyncGenerator[None]:
        """Children run for the length of the block, which is a lifespan of the server's.

        SSE has one for each connection: children of connections that outlive it move to another.
        """
        async with anyio.create_task_group() as group:
            self._groups.append(group)
            try:
                yield
            finally:
                self._groups.remove(group)
                group.cancel_scope.cancel()
                for follower in self._followers:
                    if self._groups and follower.group is group:
                        follower.start(self._groups[-1])

    async def subscribe(self, ctx: Request, params: SubscribeRequestParams) -> EmptyResult:
        """Tell this connection of the resource from now on."""
        await self._resources.check(ctx, params.uri)
        connection = _connection(ctx)
        mine = self._of(connection)
        if params.uri not in mine:
            _check_number(len(mine) + 1)
            tell = partial(connection.send_resource_updated, params.uri)
            follower = _Follower(partial(_follow, ctx.lifespan_context, params.uri, owner_of_request(), tell))
            mine[params.uri] = follower
            self._followers.add(follower)
            follower.start(self._groups[-1])
        return EmptyResult()

    async def unsubscribe(self, ctx: Request, params: UnsubscribeRequestParams) -> EmptyResult:
        """Tell it no more."""
        follower = self._of(_connection(ctx)).pop(params.uri, None)
        if follower:
            self._end(follower)
        return EmptyResult()

    def _of(self, connection: Connection) -> dict[str, _Follower]:
        """The connection's subscriptions, which end with it."""
        if _STATE not in connection.state:
            mine: dict[str, _Follower] = {}
            connection.state[_STATE] = mine
            connection.exit_stack.callback(lambda: [self._end(follower) for follower in mine.values()])
        return connection.state[_STATE]

    def _end(self, follower: _Follower) -> None:
        follower.stop()
        self._followers.discard(follower)


def _connection(ctx: Request) -> Connection:
    return ctx.session._connection  # pyright: ignore[reportPrivateUsage] - the session of a request is not kept


def _check_number(resources: int) -> None:
    if resources > _MOST_RESOURCES:
        raise MCPError(INVALID_PARAMS, f"at most {_MOST_RESOURCES} resources can be subscribed to at once")


async def _follow(queue: TaskQueue, uri: str, owner: str, tell: Tell) -> None:
    """Tell when what stands at `uri` is another, also when it is gone. What does not exist never changes."""
    told_of = _told_of(uri)
    if told_of is None:
        return
    task_id, part = told_of
    last: Any = None
    try:
        with queue.changes_of(task_id) as changes:
            while True:
                now = part(await queue.get_task(task_id, owner=owner))
                if last is not None and now != last:
                    await tell()
                last = now
                await changes.wait()
    except TaskNotFound:
        if last is not None:
            await tell()
    except StorageUnavailable:
        return  # the queue is being closed


async def _follow_list(queue: TaskQueue, owner: str, tell: Tell) -> None:
    """Tell when there are other files to list."""
    last: list[Any] | None = None
    try:
        with queue.changes_of_files() as changes:
            while True:
                now = [task.artifacts for task in await newest_completed(queue, owner)]
                if last is not None and now != last:
                    await tell()
                last = now
                await changes.wait()
    except StorageUnavailable:
        return


def _told_of(uri: str) -> tuple[str, Callable[[Task], Any]] | None:
    """Whose change changes the resource, and what of it is the resource."""
    if values := _TASK.match(uri):
        return str(values["task_id"]), lambda task: task
    if values := _ARTIFACT.match(uri):
        return str(values["task_id"]), lambda task: [a for a in task.artifacts if a.name == values["name"]]
    return None
