"""Decorate a function; calling it then submits a task, to the queue that was named once."""

import asyncio

from mcp_tasks import TaskPriority, TaskQueue
from mcp_tasks.decorators import background_task, set_global_queue

queue = TaskQueue()
set_global_queue(queue)


@background_task(priority=TaskPriority.HIGH, timeout=60.0)
async def generate_pdf(quotation_id: str) -> str:
    return f"quotation_{quotation_id}.pdf"


async def main() -> None:
    task = await generate_pdf("Q-12345")
    print(f"{task.name} {task.params} is {task.status}, {task.priority.name}, {task.timeout} s")


asyncio.run(main())
