"""Whose tasks a request may see."""

from urllib.parse import quote

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import principal_components

LOCAL = "local"
"""Whoever can start the server, or reach it on loopback without authentication."""


def owner_of_request() -> str:
    """The owner of the tasks that the current request makes and sees.

    With authentication it is the client and the subject of the access token, and who issued it: two users of one
    client are two owners. Each part is quoted, so that no client can be called like another's client and subject.
    """
    token = get_access_token()
    if token is None:
        return LOCAL
    return "client:" + ":".join(quote(part or "", safe="") for part in principal_components(token))


def is_authenticated() -> bool:
    """Whether the request's owner is one caller, and not all who can reach the server."""
    return get_access_token() is not None
