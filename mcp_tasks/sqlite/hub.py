"""Who waits for which change: task ids and a few topics, told at each commit and at each other process's commit."""

from collections.abc import Iterable

import anyio

from mcp_tasks.sqlite.thread import Deliveries
from mcp_tasks.wake import Wake, current_wake

READY = "ready"
CANCEL = "cancel"
SCHEDULES = "schedules"
ARTIFACTS = "artifacts"


class Subscription:
    """Remembers that its topic changed since the last `wait`. Made and used on one event loop.

    Subscribe first, then read, then wait: a change in between is not missed.
    """

    def __init__(self, hub: "Hub", topics: tuple[str, ...]) -> None:
        self._hub = hub
        self.topics = topics
        self.wake: Wake = current_wake()
        self._event = anyio.Event()
        self._changed = False

    async def wait(self) -> bool:
        """Return True when a topic changed since this last returned, False when it was only stirred."""
        await self._event.wait()
        changed, self._changed = self._changed, False
        self._event = anyio.Event()
        return changed

    def notify(self) -> None:
        """On the subscription's own loop: a topic changed."""
        self._changed = True
        self._event.set()

    def stir(self) -> None:
        """On the subscription's own loop: let `wait` return for another reason."""
        self._event.set()

    def __enter__(self) -> "Subscription":
        self._hub.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._hub.remove(self)


class Hub:
    """The subscriptions of a process. Loops add and remove; the writer thread publishes."""

    def __init__(self) -> None:
        # Replaced as a whole, never changed in place: the writer thread may be iterating.
        self._by_topic: dict[str, tuple[Subscription, ...]] = {}

    def add(self, subscription: Subscription) -> None:
        """Start telling `subscription`."""
        for topic in subscription.topics:
            self._by_topic[topic] = (*self._by_topic.get(topic, ()), subscription)

    def remove(self, subscription: Subscription) -> None:
        """Stop telling it."""
        for topic in subscription.topics:
            left = tuple(s for s in self._by_topic.get(topic, ()) if s is not subscription)
            if left:
                self._by_topic[topic] = left
            else:
                self._by_topic.pop(topic, None)

    def publish(self, topics: Iterable[str], deliveries: Deliveries) -> None:
        """Add to `deliveries` the notices of those who wait for one of `topics`."""
        for topic in topics:
            for subscription in self._by_topic.get(topic, ()):
                deliveries.setdefault(subscription.wake, []).append(subscription.notify)

    def publish_all(self, deliveries: Deliveries) -> None:
        """Another process wrote something: everybody looks again."""
        self.publish(list(self._by_topic), deliveries)
