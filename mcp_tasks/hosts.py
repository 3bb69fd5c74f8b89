"""What MCP hosts must be told to find the server: the one place for it, from which the README has its snippets.

`python -m mcp_tasks.hosts` prints them with the full path of this Python, for hosts that do not know the PATH.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

COMMAND = ("mcp-tasks", "serve")
"""How a host starts the server, where it is on the PATH."""

ADDRESS = "http://127.0.0.1:8000/mcp"
"""Where `mcp-tasks serve --transport http` is, unless it is told otherwise."""

_NAME = "panelin"


@dataclass(frozen=True, slots=True)
class Snippet:
    """What to write for a host. `where` says, in Markdown, for which and into which file."""

    where: str
    language: Literal["json", "bash"]
    text: str

    def markdown(self) -> str:
        """A line that says where, and the block."""
        return f"{self.where}:\n\n```{self.language}\n{self.text}\n```\n"


def stdio_snippets(command: Sequence[str] = COMMAND) -> Iterable[Snippet]:
    """For hosts that start the server themselves, with this command."""
    start = {"command": command[0], "args": list(command[1:])}
    claude_and_cursor = "Claude Desktop (`claude_desktop_config.json`) and Cursor (`.cursor/mcp.json`)"
    yield Snippet(claude_and_cursor, "json", _settings("mcpServers", start))
    yield Snippet("VS Code (`.vscode/mcp.json`)", "json", _settings("servers", {"type": "stdio", **start}))
    yield Snippet("Claude Code", "bash", f"claude mcp add {_NAME} -- {_typed(command)}")


def http_snippets(address: str = ADDRESS) -> Iterable[Snippet]:
    """For hosts that connect to a server which runs already, at this address."""
    yield Snippet("Cursor", "json", _settings("mcpServers", {"url": address}))
    yield Snippet("VS Code", "json", _settings("servers", {"type": "http", "url": address}))
    yield Snippet("Claude Code", "bash", f"claude mcp add --transport http {_NAME} {address}")


def _settings(key: str, server: Mapping[str, object]) -> str:
    return f'{{\n  "{key}": {{\n    "{_NAME}": {{ {json.dumps(server)[1:-1]} }}\n  }}\n}}'


def _typed(command: Sequence[str]) -> str:
    """As it is typed into a shell, also into one of Windows."""
    return " ".join(f'"{word}"' if " " in word else word for word in command)


if __name__ == "__main__":
    here = (sys.executable, "-m", "mcp_tasks", "serve")
    sys.stdout.write("\n".join(snippet.markdown() for snippet in (*stdio_snippets(here), *http_snippets())))
