"""The words of a quotation in one language, read from a JSON file: `texts/es.json`, `texts/en.json`.

Every key must be there. Texts may hold the placeholders that their fields name here; only those of numbers and
dates must hold them.
"""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from mcp_tasks.quotation.document import Language
from mcp_tasks.quotation.fields import Model
from mcp_tasks.quotation.model_file import read_model
from mcp_tasks.quotation.numerals import Numerals
from mcp_tasks.quotation.placeholders import may_hold, must_hold
from mcp_tasks.quotation.printable import Label, Paragraph, Title, Word

PACKAGED = Path(__file__).with_name("data") / "texts"

Plain = Annotated[Label, may_hold()]
Percent = Annotated[Label, may_hold("percent")]
SheetName = Annotated[Plain, Field(max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]  # what Excel takes


class Units(Model):
    """How the units of the trade are printed; another unit is printed as it is."""

    m2: Word
    m3: Word
    ml: Word
    pieza: Word
    unidad: Word
    pomo: Word
    rollo: Word

    def printed(self, unit: str) -> str:
        """The word for a unit in any spelling."""
        name = unit.casefold().replace("²", "2").replace("³", "3")
        return getattr(self, name) if name in Units.model_fields else unit


class PageTexts(Model):
    """What is around the lines. `document` is the title that a reader of the PDF shows in its window."""

    document: Annotated[Label, may_hold("number"), must_hold("number")]
    title: Plain
    number: Plain
    revision: Annotated[Label, may_hold("revision"), must_hold("revision")]
    count: Annotated[Label, may_hold("page", "pages")]
    telephone: Annotated[Label, may_hold("phone"), must_hold("phone")]
    comments: Plain


class ClientTexts(Model):
    """Labels of whom the quotation is for."""

    name: Plain
    tax_id: Plain
    address: Plain
    phone: Plain
    email: Plain


class FactTexts(Model):
    """Labels of the quotation's facts."""

    date: Plain
    valid_until: Plain
    span: Plain
    supports: Plain


class ColumnTexts(Model):
    """The heads of the table."""

    name: Plain
    unit: Plain
    quantity: Plain
    price: Plain
    total: Plain


class SectionTexts(Model):
    """The names of the sections, in the order in which they are printed."""

    paneles: Plain
    accesorios: Plain
    fijaciones: Plain


class SurfaceTexts(Model):
    """Labels of the square metres of each use."""

    techo: Plain
    fachada: Plain
    camara: Plain


class PartTexts(Model):
    """For a quotation of several parts; `others` is the title of what belongs to none of them."""

    others: Plain
    subtotal: Annotated[Title, may_hold("part")]


class OptionTexts(Model):
    """For alternatives. `includes` is made of `vat`, `discount` and `freight`, as far as they are there."""

    title: Plain
    choose: Annotated[Paragraph, may_hold("includes")]
    vat: Percent
    discount: Percent
    freight: Annotated[Label, may_hold("amount")]
    without_freight: Annotated[Paragraph, may_hold()]
    option: Plain
    area: Plain
    price: Plain
    panels: Plain
    accessories: Plain
    discount_column: Plain
    freight_column: Plain
    vat_column: Plain
    total: Plain


class TotalTexts(Model):
    """Labels of the sums, and the notes about tax."""

    materials: Plain
    discount: Percent
    freight: Plain
    freight_not_included: Plain
    net: Plain
    vat: Percent
    total: Plain
    tax_included: Annotated[Paragraph, may_hold("percent", "vat", "net")]
    tax_excluded: Annotated[Paragraph, may_hold("percent")]


class BillTexts(Model):
    """For the bill of materials as a workbook: the names of its sheets, the titles of its columns, what it says."""

    company: Plain
    title: Plain
    materials: SheetName
    parts: SheetName
    comparison: SheetName
    remarks: SheetName
    part: Plain
    section: Plain
    sku: Plain
    panels: Plain
    length: Plain
    formula: Plain
    description: Plain
    area: Plain
    panel_area: Plain
    supports: Plain
    weight: Plain
    subtotal: Plain
    thickness: Plain
    max_span: Plain
    carries: Plain
    yes: Plain
    no: Plain
    accessories: Plain
    fixings: Plain
    missing: Plain
    vat_included: Percent
    first_option: Annotated[Paragraph, may_hold("option")]

    @model_validator(mode="after")
    def _sheets_differ(self) -> Self:
        names = [name.casefold() for name in (self.materials, self.parts, self.comparison, self.remarks)]
        if len(set(names)) < len(names):
            raise ValueError("materials, parts, comparison and remarks name sheets of one workbook: they must differ")
        return self


class Texts(Model):
    """Everything that is printed and is neither the quotation's nor the company's."""

    numbers: Numerals
    units: Units
    page: PageTexts
    client: ClientTexts
    facts: FactTexts
    columns: ColumnTexts
    sections: SectionTexts
    surfaces: SurfaceTexts
    parts: PartTexts
    options: OptionTexts
    totals: TotalTexts
    bill: BillTexts

    @classmethod
    def load(cls, language: Language, folder: Path = PACKAGED) -> Self:
        """The texts of a language; `KnowledgeError` names the file and the key."""
        return read_model(folder / f"{language}.json", cls)
