"""Rows 8 and 9: from nothing to the first task done, and to the first answer of a tool. Fresh processes."""

from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.child import Child, process
from benchmarks.measure import Effort, Line, Measured, Stopwatch, in_turns


def first_task(folder: Path, effort: Effort) -> list[Line]:
    """Import, open a new file, submit, run and complete: the library without the MCP face."""
    ours, bare = in_turns(
        folder,
        3 * effort.rounds,
        partial(_first_task_ms, "benchmarks.first_task"),
        partial(_first_task_ms, "benchmarks.bare_first_task"),
    )
    against = "bare anyio + apsw + pydantic, three commits"
    return [Measured("import, open, first task done", against, "ms", ours, bare, gate=1.3)]


def first_answer(folder: Path, effort: Effort) -> list[Line]:
    """Process start, handshake, one call, over stdio; the client is a few lines of JSON and costs nothing."""
    ours, bare = in_turns(
        folder,
        effort.rounds,
        lambda fresh: _first_answer_ms("task_stats", "mcp_tasks", "serve", "--data-dir", str(fresh)),
        lambda _: _first_answer_ms("ping", "benchmarks.bare_server"),
    )
    return [Measured("process start to first tool answer", "bare MCPServer, one tool", "ms", ours, bare, gate=1.3)]


def _first_task_ms(module: str, folder: Path) -> float:
    watch = Stopwatch()
    with process("-m", module, str(folder / "tasks.db")) as child:
        child.hear()
        return watch.lap() * 1000


def _first_answer_ms(tool: str, *module_and_arguments: str) -> float:
    watch = Stopwatch()
    with process("-m", *module_and_arguments) as server:
        capabilities: dict[str, Any] = {"capabilities": {}, "clientInfo": {"name": "benchmarks", "version": "1"}}
        _ask(server, 1, "initialize", {"protocolVersion": "2025-06-18", **capabilities})
        server.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
        answer = _ask(server, 2, "tools/call", {"name": tool, "arguments": {}})
        milliseconds = watch.lap() * 1000
        assert not answer["result"].get("isError"), answer
        return milliseconds


def _ask(server: Child, id_: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Send a request and wait for its answer; what the server tells in between is not for us."""
    server.say({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
    while (message := server.hear()).get("id") != id_:
        pass
    return message
