"""The company that quotes: its names, bank rows, links and standard comments, read from a JSON file."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field

from mcp_tasks.quotation.document import Comment, Language
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.model_file import read_model
from mcp_tasks.quotation.placeholders import filled, may_hold
from mcp_tasks.quotation.printable import Label, Name, Paragraph, WebAddress

SAMPLE = Path(__file__).with_name("data") / "company.json"
_FILLABLE = ("name", "tax_id", "town", "phone", "email", "validity_days", "delivery_days", "deposit_pct")

Fillable = Annotated[Paragraph, may_hold(*_FILLABLE)]


class BankCell(Model):
    """A cell of the bank box; with `url` it is a link."""

    text: Fillable
    url: WebAddress | None = None


class CompanyComment(Comment):
    """A standard comment, printed on every quotation; with `url` it is a link."""

    text: Fillable
    url: WebAddress | None = None


Comments = Annotated[tuple[CompanyComment, ...], Field(max_length=20)]
Bank = Annotated[tuple[tuple[BankCell, BankCell], ...], Field(max_length=8)]


class Translation(Model):
    """What a company says otherwise in another language; what is left out is said as in its own."""

    delivery_days: Label | None = None
    comments: Comments | None = None
    bank: Bank | None = None


class Company(Model):
    """Who quotes, and the terms that every quotation carries.

    Texts may hold the placeholders `{name}`, `{tax_id}`, `{town}`, `{phone}`, `{email}`, `{validity_days}`,
    `{delivery_days}` and `{deposit_pct}`. In the file, `logo` is a path relative to the file (SVG, PNG, JPEG,
    WebP or GIF); without it the name is printed in its place. `translations` go by language: es, en.
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
    comments: Comments = ()
    bank: Bank = ()
    translations: dict[Language, Translation] = Field(default={})

    @classmethod
    def load(cls, path: Path = SAMPLE) -> Self:
        """The company of a JSON file; `KnowledgeError` names the file and what is wrong in it."""
        company = read_model(path, cls)
        return company.model_copy(update={"logo": company.logo and path.parent / company.logo})

    def speaking(self, language: Language) -> Self:
        """The same company with what it says in that language."""
        said = self.translations.get(language)
        return self.model_copy(update={name: words for name, words in said or () if words is not None})

    def filled(self, text: str) -> str:
        """`text` with the placeholders replaced; what is not known is left empty."""
        return filled(text, {name: getattr(self, name) for name in _FILLABLE})
