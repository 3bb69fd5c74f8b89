"""Words that can be compared: without case, accents or plural, so that "Canalones" finds a canalón."""

import re

from mcp_tasks.spelling import folded

_WORD = re.compile(r"[^\W_]+")
_MEASURE = re.compile(r"([0-9]+)(?:mm|m)")
_SMALL = frozenset(
    {
        "a",
        "al",
        "con",
        "de",
        "del",
        "el",
        "en",
        "la",
        "las",
        "los",
        "m",
        "mm",
        "o",
        "para",
        "por",
        "un",
        "una",
        "x",
        "y",
    }
)
_SHORTEST_START = 3


def words(text: str) -> list[str]:
    """The words of `text` that say something, each once; "100mm" is the word 100."""
    found = (_MEASURE.sub(r"\1", word) if _MEASURE.fullmatch(word) else word for word in _WORD.findall(folded(text)))
    return [word for word in dict.fromkeys(found) if word not in _SMALL]


def joined(name: str) -> str:
    """A name without what people leave out of it: C.But. is cbut."""
    return "".join(_WORD.findall(folded(name)))


def forms(word: str) -> frozenset[str]:
    """The word, and what it is the Spanish plural of: caballetes is of caballete, canalones of canalon."""
    if not word.isalpha() or len(word) <= _SHORTEST_START or not word.endswith("s"):
        return frozenset({word})
    singulars = {word, word[:-1]}
    if word.endswith("es"):
        singulars.add(word[:-2])
    if word.endswith("ces"):
        singulars.add(f"{word[:-3]}z")
    return frozenset(singulars)


def may_start(word: str) -> bool:
    """Whether it may be the start of a longer word. Numbers are not: 10 is not 100."""
    return len(word) >= _SHORTEST_START and not word.isdigit()
