"""A process whose lifespan ends of a fault that the server around it swallows, as uvicorn does.

python tests/server/faulty_process.py FOLDER
"""

import sys

import anyio

from mcp_tasks.app import new_runtime
from mcp_tasks.process import run_and_exit
from mcp_tasks.settings import Settings


def fail() -> None:
    """What goes wrong."""
    raise RuntimeError("a fault of ours")


if __name__ == "__main__":
    runtime = new_runtime(Settings.read(data_dir=sys.argv[1]))

    async def serve(told: anyio.Event) -> None:
        """Go on as if nothing had happened."""
        try:
            async with runtime.entered():
                fail()
        except* RuntimeError:
            await told.wait()

    run_and_exit(serve, runtime.over, lambda: runtime.failed, 5)
