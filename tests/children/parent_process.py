"""A process of its own with a pool; the tests kill it. Arguments: event loop, port, how its child never returns."""

import sys

import anyio

from mcp_tasks.children import ChildPool


async def call_for_ever(port: int, how: str) -> None:
    async with ChildPool(1) as pool:
        await pool.call("tests.children.functions:hold_connection", {"port": port, "how": how})


if __name__ == "__main__":
    anyio.run(call_for_ever, int(sys.argv[2]), sys.argv[3], backend=sys.argv[1])
