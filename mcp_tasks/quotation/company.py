"""The company that quotes: its names, bank rows, links and standard comments, read from a JSON file."""

import json
import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation.document import Comment
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.printable import Label, Name, Paragraph, WebAddress

SAMPLE = Path(__file__).with_name("data") / "company.json"
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_FILLABLE = frozenset({"name", "tax_id", "town", "phone", "email", "validity_days", "delivery_days", "deposit_pct"})


def _placeholders_are_known(text: str) -> str:
    for name in _PLACEHOLDER.findall(text):
        if name not in _FILLABLE:
            raise ValueError(f"unknown placeholder {{{name}}}; known are {', '.join(sorted(_FILLABLE))}")
    return text


Fillable = Annotated[Paragraph, AfterValidator(_placeholders_are_known)]


class BankCell(Model):
    """A cell of the bank box; with `url` it is a link."""

    text: Fillable
    url: WebAddress | None = None


class CompanyComment(Comment):
    """A standard comment, printed on every quotation; with `url` it is a link."""

    text: Fillable
    url: WebAddress | None = None


class Company(Model):
    """Who quotes, and the terms that every quotation carries.

    Texts may hold the placeholders `{name}`, `{tax_id}`, `{town}`, `{phone}`, `{email}`, `{validity_days}`,
    `{delivery_days}` and `{deposit_pct}`. In the file, `logo` is a path relative to the file (SVG, PNG, JPEG,
    WebP or GIF); without it the name is printed in its place.
    """

    name: Name
    tax_id: Label | None = None
    town: Label | None = None
    phone: Label | None = None
    email: Label | None = None
    web: WebAddress | None = None
    logo: Path | None = None
    validity_days: Annotated[int, Field(ge=1, le=365)] = 10
    delivery_days: Label = "10 a 15"
    deposit_pct: Annotated[int, Field(ge=0, le=100)] = 60
    comments: Annotated[tuple[CompanyComment, ...], Field(max_length=20)] = ()
    bank: Annotated[tuple[tuple[BankCell, BankCell], ...], Field(max_length=8)] = ()

    @classmethod
    def load(cls, path: Path = SAMPLE) -> Self:
        """The company of a JSON file; `KnowledgeError` names the file and what is wrong in it."""
        try:
            company = cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise KnowledgeError(f"{path}: cannot be read: {error.strerror}") from error
        except ValidationError as error:
            finding = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in finding["loc"])
            raise KnowledgeError(f"{path}: {place}: {finding['msg'].removeprefix('Value error, ')}") from error
        except ValueError as error:
            raise KnowledgeError(f"{path}: not a JSON text in UTF-8: {error}") from error
        return company.model_copy(update={"logo": company.logo and path.parent / company.logo})

    def filled(self, text: str) -> str:
        """`text` with the placeholders replaced; what is not known is left empty."""
        return _PLACEHOLDER.sub(lambda part: _written(getattr(self, part[1])), text)


def _written(value: object) -> str:
    return "" if value is None else str(value)
