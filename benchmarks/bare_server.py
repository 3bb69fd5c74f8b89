"""The floor of row 9: the SDK's server with one tool."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("bare", log_level="WARNING")


@server.tool()
def ping() -> str:
    """Answer."""
    return "pong"


server.run()
