"""Who asked hears that a resource has changed: on a session of the handshake era, or on a stream of its own.

Only tasks and their files change. What wakes us is the store's commit, in whatever process; nothing is polled.
"""

import logging
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
    EmptyResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    UnsubscribeRequestParams,
)

from mcp_tasks.beside import beside
from mcp_tasks.errors import TaskNotFound
from mcp_tasks.queue import TaskQueue
from mcp_tasks.server.following import Follower, check_number
from mcp_tasks.server.owner import owner_of_request
from mcp_tasks.server.private import connection_of
from mcp_tasks.server.resources import ARTIFACT, TASK, Request, Resources, newest_completed
from mcp_tasks.server.task_source import protocol_errors
from mcp_tasks.task import Task

Tell: TypeAlias = Callable[[], Awaitable[None]]

_log = logging.getLogger(__name__)

_MOST_STREAMS = 1_024
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
        check_number(len(uris), "resources")
        queue, owner = ctx.lifespan_context, owner_of_request()
        bus = InMemorySubscriptionBus()
        followers = [_follower(queue, uri, owner, partial(bus.publish, ResourceUpdated(uri))) for uri in uris]
        if params.notifications.resources_list_changed:
            followers.append(_list_follower(queue, owner, partial(bus.publish, ResourcesListChanged())))
        stream = ListenHandler(bus)
        self._open.add(stream)
        try:
            with protocol_errors():
                for follower in followers:
                    await follower.look()  # before we acknowledge: changes count from there
            async with beside() as children:
                for follower in followers:
                    children.start_soon(follower.follow)
                return await stream(ctx, params)
        finally:
            self._open.discard(stream)

    def close(self) -> None:
        """End every stream with its last answer."""
        for stream in self._open:
            stream.close()


class _Subscribed:
    """What one connection hears of one resource, in whichever group carries it. A fault in it ends nothing else."""

    def __init__(self, uri: str, follower: Follower) -> None:
        self._uri = uri
        self._follower = follower
        self._scope = anyio.CancelScope()
        self.over = False
        self.group: TaskGroup | None = None

    def start(self, group: TaskGroup) -> None:
        """Run in that group; after another, it goes on from where it was."""
        self.group = group
        group.start_soon(self._run)

    def stop(self) -> None:
        """For good."""
        self.over = True
        self._scope.cancel()

    async def _run(self) -> None:
        if self.over:
            return
        try:
            with anyio.CancelScope() as self._scope:
                await self._follower.follow()
        except Exception:
            _log.exception("the subscription to %s has ended", self._uri)
        self.over = True


class Subscriptions:
    """`resources/subscribe` of the handshake era. Its children outlive the request and end with the connection."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._groups: list[TaskGroup] = []
        self._all: set[_Subscribed] = set()

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
                for subscribed in self._all:
                    if self._groups and subscribed.group is group:
                        subscribed.start(self._groups[-1])

    async def subscribe(self, ctx: Request, params: SubscribeRequestParams) -> EmptyResult:
        """Tell this connection of the resource from now on."""
        with protocol_errors():
            await self._resources.check(ctx, params.uri)
            connection = connection_of(ctx)
            tell = partial(connection.send_resource_updated, params.uri)
            follower = _follower(ctx.lifespan_context, params.uri, owner_of_request(), tell)
            await follower.look()
        mine = self._of(connection)
        known = mine.get(params.uri)
        if known is None or known.over:
            check_number(len(mine.keys() | {params.uri}), "resources")
            if known:
                self._end(known)
            mine[params.uri] = subscribed = _Subscribed(params.uri, follower)
            self._all.add(subscribed)
            subscribed.start(self._groups[-1])
        return EmptyResult()

    async def unsubscribe(self, ctx: Request, params: UnsubscribeRequestParams) -> EmptyResult:
        """Tell it no more."""
        subscribed = self._of(connection_of(ctx)).pop(params.uri, None)
        if subscribed:
            self._end(subscribed)
        return EmptyResult()

    def _of(self, connection: Connection) -> dict[str, _Subscribed]:
        """The connection's subscriptions, which end with it."""
        if _STATE not in connection.state:
            mine: dict[str, _Subscribed] = {}
            connection.state[_STATE] = mine
            connection.exit_stack.callback(lambda: [self._end(subscribed) for subscribed in mine.values()])
        return connection.state[_STATE]

    def _end(self, subscribed: _Subscribed) -> None:
        subscribed.stop()
        self._all.discard(subscribed)


def _follower(queue: TaskQueue, uri: str, owner: str, tell: Tell) -> Follower:
    """Tells when what stands at `uri` is another, also when it is gone. At other addresses nothing ever changes."""
    task_id, part = _told_of(uri) or ("", None)

    async def read() -> Any:
        try:
            return part(await queue.get_task(task_id, owner=owner)) if part else None
        except TaskNotFound:
            return None

    return Follower(read, lambda: queue.changes_of(task_id), tell)


def _list_follower(queue: TaskQueue, owner: str, tell: Tell) -> Follower:
    """Tells when there are other files to list."""

    async def read() -> list[Any]:
        return [task.artifacts for task in await newest_completed(queue, owner)]

    return Follower(read, queue.changes_of_files, tell)


def _told_of(uri: str) -> tuple[str, Callable[[Task], Any]] | None:
    """Whose change changes the resource, and what of it is the resource."""
    if values := _TASK.match(uri):
        return str(values["task_id"]), lambda task: task
    if values := _ARTIFACT.match(uri):
        return str(values["task_id"]), lambda task: [a for a in task.artifacts if a.name == values["name"]]
    return None
