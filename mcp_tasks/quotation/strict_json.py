"""JSON without what Python lets pass or trips over: a name twice in one object, and nesting without end."""

import json
from collections.abc import Callable
from typing import Any


def loads(text: str, parse_float: Callable[[str], Any] = float) -> Any:
    """What `text` says. Raises `ValueError`; of two values under one name Python would silently take the last."""
    try:
        return json.loads(text, parse_float=parse_float, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return found
