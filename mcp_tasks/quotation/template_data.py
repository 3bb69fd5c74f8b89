"""What a template receives: the contract between the product and the templates of companies.

`sys.inputs.data` is a `Presentation` as JSON. All its texts are to be printed as they are, never as markup; every
number is already computed and written in the quotation's language. `sys.inputs.logo` is a JSON list of a picture's
bytes, empty without one. Keys may be added, none is taken away without a new version of the product.
"""

from typing import TypedDict


class Entry(TypedDict):
    """A label and what stands beside it."""

    label: str
    value: str


class Text(TypedDict):
    """`style` is normal, bold, red or bold_red; `url` is null where there is no link."""

    text: str
    style: str
    url: str | None


class Row(TypedDict):
    """A line of the table."""

    name: str
    unit: str
    quantity: str
    price: str
    total: str


class PrintedSection(TypedDict):
    """Lines of one kind: panels, accessories, fixings."""

    title: str
    rows: list[Row]


class PrintedPart(TypedDict):
    """What belongs together in a table. `title` is empty and `subtotal` null where there is nothing to tell apart."""

    title: str
    sections: list[PrintedSection]
    subtotal: Entry | None


class Offer(TypedDict):
    """What the client may buy, with its total. `title` is empty unless it is one of several options."""

    title: str
    parts: list[PrintedPart]
    surfaces: list[Entry]
    totals: list[Entry]
    grand_total: Entry
    tax_note: str


class OptionRow(TypedDict):
    """An option in the comparison. `note` says more of it, or is empty; a figure that it has not is a dash.

    From `panels` on the figures of a row add up to its total; `discount`, `freight` and `vat` are empty in all rows and
    in the columns' titles where nothing is to be added.
    """

    name: str
    note: str
    area: str
    price: str
    panels: str
    accessories: str
    discount: str
    freight: str
    vat: str
    total: str


class Comparison(TypedDict):
    """The options beside each other, and the sentences about them."""

    title: str
    columns: OptionRow
    rows: list[OptionRow]
    note: str


class Words(TypedDict):
    """Fixed words; `count` has the places {page} and {pages}, which only the template can fill."""

    title: str
    number: str
    count: str
    comments: str
    columns: Row


class Presentation(TypedDict):
    """Everything that is printed.

    `offers` is one, or with a `comparison` one for each option that has more to say than its row there, or none.
    `revision` is empty on the first one. `document` is the PDF's title. `created` is the quotation's day at noon UTC
    in Unix seconds: it makes the PDF's bytes reproducible.
    """

    language: str
    document: str
    company: str
    words: Words
    subtitle: str
    number: str
    revision: str
    created: int
    contact: list[Text]
    client: list[Entry]
    facts: list[Entry]
    comparison: Comparison | None
    offers: list[Offer]
    comments: list[Text]
    bank: list[list[Text]]
