"""Files of attempts that are over and recorded nothing: what a process left that died at the wrong moment."""

from collections.abc import Iterable

import anyio.to_thread

from mcp_tasks.artifacts import AttemptFolder, Size
from mcp_tasks.errors import TaskNotFound
from mcp_tasks.sqlite.store import SqliteStore
from mcp_tasks.task import TaskStatus


async def find_orphans(store: SqliteStore) -> list[AttemptFolder]:
    """The folders in that of the artifacts that no task needs. What is written or published meanwhile is none."""
    there = await anyio.to_thread.run_sync(lambda: list(store.artifacts.attempts()))
    recorded = await store.recorded_paths() if there else set[str]()
    return [folder for folder in there if folder.published_as not in recorded and not await _in_use(store, folder)]


async def remove_orphans(store: SqliteStore, orphans: Iterable[AttemptFolder]) -> Size:
    """Remove them; how much that was."""
    sizes = [await anyio.to_thread.run_sync(store.artifacts.remove_attempt, orphan) for orphan in orphans]
    return sum(sizes, Size())


async def _in_use(store: SqliteStore, folder: AttemptFolder) -> bool:
    """Asked after the folder was seen, so an attempt that has ended since has recorded what it published."""
    try:
        task = await store.get(folder.task_id, None)
    except TaskNotFound:
        return False
    if task.status is TaskStatus.RUNNING:
        return task.attempt == folder.attempt
    return any(artifact.path.rpartition("/")[0] == folder.published_as for artifact in task.artifacts)
