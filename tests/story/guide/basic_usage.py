"""Submit a function of your own, let a worker run it, ask until it is done."""

import asyncio

from mcp_tasks import TaskPriority, TaskQueue, TaskWorker


async def main() -> None:
    queue = TaskQueue()
    worker = TaskWorker(queue, max_concurrent_tasks=5)

    async def my_task(value: int) -> int:
        return value * 2

    task = await queue.enqueue(my_task, 21, name="multiply", priority=TaskPriority.HIGH, max_retries=3)

    worker_task = asyncio.create_task(worker.start())

    while True:
        await asyncio.sleep(0.05)
        updated = await queue.get_task(task.id)
        if updated.status.value in ("completed", "failed"):
            print(f"Result: {updated.result}")
            break

    await worker.stop()
    await worker_task


asyncio.run(main())
