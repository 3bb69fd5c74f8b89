"""Enqueue a task, let a worker run it, print its result. Run it: python examples/quickstart.py"""

import asyncio

from mcp_tasks import TaskPriority, TaskQueue, TaskWorker
from mcp_tasks.decorators import background_task, set_global_queue


@background_task(priority=TaskPriority.HIGH, timeout=60, max_retries=3)
async def multiply(left: int, right: int) -> int:
    return left * right


async def main() -> None:
    async with TaskQueue("quickstart.db") as queue, TaskWorker(queue, max_concurrent_tasks=5):
        set_global_queue(queue)
        task = await multiply(6, 7)  # stored: from here on it survives a crash
        print(f"task {task.id} is {task.status}")
        task = await queue.wait(task.id)
        print(f"it is {task.status}: {task.result}")


if __name__ == "__main__":
    asyncio.run(main())
