"""The server of the tests as a process: on stdio, or over HTTP on a port that it says on stdout."""

import socket
import sys
from pathlib import Path

import anyio
import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from pydantic import AnyHttpUrl

from mcp_tasks import TaskQueue
from mcp_tasks.server import TasksExtension
from tests.interop.task_tools import add_task_tools
from tests.protocol.asking_tools import add_asking_tools


class NamesAreTokens:
    """Believes whoever says `<client>/<user>`."""

    async def verify_token(self, token: str) -> AccessToken | None:
        """The client and the user of a token."""
        client, slash, user = token.partition("/")
        return AccessToken(token=token, client_id=client, scopes=[], subject=user) if slash else None


def _server(database: Path, transport: str) -> MCPServer[dict[str, str]]:
    tasks = TasksExtension(TaskQueue(database))
    add_task_tools(tasks)
    add_asking_tools(tasks)
    if transport != "authenticated":
        return tasks.server("a process of the tests", log_level="WARNING")
    here = AnyHttpUrl("http://127.0.0.1/")
    auth = AuthSettings(issuer_url=here, resource_server_url=here)
    return tasks.server("a guarded process", auth=auth, token_verifier=NamesAreTokens(), log_level="WARNING")


async def _serve_http(server: MCPServer[dict[str, str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(server.streamable_http_app(), log_level="error", timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve(sockets=[listener])


def main(transport: str, database: str) -> None:
    """Serve."""
    server = _server(Path(database), transport)
    if transport == "stdio":
        server.run("stdio")
    else:
        anyio.run(_serve_http, server)


if __name__ == "__main__":
    main(*sys.argv[1:])
