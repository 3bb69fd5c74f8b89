"""Texts with places to fill: `{name}` stands for a value that is known only when it is printed."""

import re
from collections.abc import Mapping

from pydantic import AfterValidator

_PLACE = re.compile(r"\{(\w*)\}")


def may_hold(*names: str) -> AfterValidator:
    """A validator that refuses texts with other places than these."""

    def check(text: str) -> str:
        for name in _PLACE.findall(text):
            if name not in names:
                known = f"known are {', '.join(sorted(names))}" if names else "none is known here"
                raise ValueError(f"unknown placeholder {{{name}}}; {known}")
        return text

    return AfterValidator(check)


def must_hold(*names: str) -> AfterValidator:
    """A validator that refuses texts without one of these places: what belongs there would not be printed."""

    def check(text: str) -> str:
        found = _PLACE.findall(text)
        for name in names:
            if name not in found:
                raise ValueError(f"the placeholder {{{name}}} is missing")
        return text

    return AfterValidator(check)


def filled(text: str, values: Mapping[str, object]) -> str:
    """`text` with its places replaced; what is None is left empty. Nothing in a value is a place again."""
    return _PLACE.sub(lambda place: "" if values[place[1]] is None else str(values[place[1]]), text)
