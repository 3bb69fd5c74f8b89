"""Text that can be printed: the types of every text that a quotation or a company's file brings in."""

import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, Field

_DROPPED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


def printable(text: str) -> str:
    """`text` as one line of visible characters, in composed form (NFC).

    Tabs, line ends and runs of spaces become one space. Controls, invisible format characters (among them
    those that turn the direction of writing), lone surrogates and unassigned code points are dropped: they
    come from pasted spreadsheets, and could show a client another text than the one that was stored.
    """
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED)
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def _cleaned(value: object) -> object:
    return printable(value) if isinstance(value, str) else value


def _absent_when_blank(value: object) -> object:
    return value if not isinstance(value, str) or printable(value) else None


Printable = BeforeValidator(_cleaned)
"""For texts that are printed: only the visible characters of what came in are kept, and counted."""

Name = Annotated[str, Field(min_length=1, max_length=300), Printable]
Title = Annotated[str, Field(min_length=1, max_length=200), Printable]
Label = Annotated[str, Field(min_length=1, max_length=60), Printable]
Word = Annotated[str, Field(min_length=1, max_length=20), Printable]
Paragraph = Annotated[str, Field(min_length=1, max_length=600), Printable]

AbsentWhenBlank = BeforeValidator(_absent_when_blank)
"""For optional texts: `""` and `"  "` mean that there is none."""

WebAddress = Annotated[str, Field(max_length=500, pattern=r"^(https?://|mailto:|tel:)\S+$")]
