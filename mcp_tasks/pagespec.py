"""What a product has to read and to start from, whatever face shows it: pages, prompts, and the words to fill in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from mcp_tasks.task import Json


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page, or with `{names}` in its `uri` one page for each value. `title` is for people, `description` for a model.

    `read` takes the names' values and returns the page as JSON. A value that there is not raises a `RequestError`.
    """

    uri: str
    name: str
    title: str
    description: str
    read: Callable[..., Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """Something that a prompt wants to know; always text."""

    name: str
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class PromptSpec:
    """A start of a conversation, for a person to choose. `text` makes its first message of the arguments given."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...]
    text: Callable[[Mapping[str, str]], str]


async def _no_words(name: str, chosen: Mapping[str, str]) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Library:
    """All of it. `words(name, chosen)` are the values that the argument or `{name}` can take after those chosen."""

    pages: tuple[PageSpec, ...] = ()
    prompts: tuple[PromptSpec, ...] = ()
    words: Callable[[str, Mapping[str, str]], Awaitable[Sequence[str]]] = _no_words


EMPTY = Library()
