"""A function in a child process: it may block, eat memory or crash, and only its task notices.

Run it: python examples/process_function.py
"""

import asyncio

from mcp_tasks import TaskContext, TaskQueue, TaskWorker
from mcp_tasks.decorators import background_task


@background_task(run_in="process", timeout=60)
def count_primes(limit: int, context: TaskContext) -> int:
    found = 0
    for number in range(2, limit):
        found += all(number % divisor for divisor in range(2, int(number**0.5) + 1))
        if number % 10_000 == 0:
            context.progress(number, limit, f"{found} primes so far")
    context.artifact("primes.txt").write_text(f"{found} primes below {limit}\n")
    return found


async def main() -> None:
    async with TaskQueue("primes.db") as queue, TaskWorker(queue, max_processes=2):
        task = await queue.enqueue(count_primes, 200_000)
        while not (task := await queue.wait(task.id, timeout=0.25)).is_finished:
            if task.progress:
                print(f"{task.progress.done:.0f} of {task.progress.total:.0f}: {task.progress.message}")
        print(f"{task.status}: {task.result} primes")
        _, path = await queue.artifact(task.id, "primes.txt")
        print(f"its file: {path}")


if __name__ == "__main__":
    asyncio.run(main())
