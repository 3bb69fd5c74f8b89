"""A bill of materials as sheets of plain cells: the lines with their totals, the parts, the comparison, the notes.

What a cell is decides how it is written: a whole number, an exact decimal, a text, or nothing.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Bom, BomLine, BomOption, BomPart, Section, Totals
from mcp_tasks.quotation.totals import VAT_RATE

Cell: TypeAlias = str | int | Decimal | None

_SECTIONS: dict[Section, str] = {
    "paneles": "Paneles",
    "accesorios": "Accesorios",
    "fijaciones": "Fijaciones y selladores",
}
_ANSWERS = {True: "sí", False: "no", None: None}


class Column(NamedTuple):
    """A column's title, and its width in characters."""

    title: str
    width: int


class Sheet(NamedTuple):
    """Rows of as many cells as there are columns; `sums` are the rows below that add them up."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: tuple[tuple[Cell, ...], ...] = ()


def sheets(bom: Bom) -> tuple[Sheet, ...]:
    """The sheets of a bill; parts and comparison only where it has them. Texts are Spanish, amounts US dollars.

    The first has the lines and, below them, the sums.
    """
    found = (_lines(bom), _parts(bom.parts), _comparison(bom.comparison), _notes(bom))
    return tuple(sheet for sheet in found if sheet.rows)


def _lines(bom: Bom) -> Sheet:
    columns = (
        Column("Parte", 24),
        Column("Sección", 22),
        Column("SKU", 14),
        Column("Producto", 46),
        Column("Cantidad", 11),
        Column("Unidad", 9),
        Column("Precio unitario US$", 19),
        Column("Total US$", 14),
        Column("Cálculo", 70),
    )
    titles = {part.part: f"{part.part}. {part.title}" for part in bom.parts}
    rows = [(titles.get(line.part or 0), *_line(line)) for line in bom.lines]
    sums = [(None, None, None, label, None, None, None, amount, None) for label, amount in _sums(bom.totals)]
    first = 0 if titles else 1  # a bill of one thing has no parts to name
    return Sheet(
        "Materiales",
        columns[first:],
        tuple(row[first:] for row in rows),
        tuple(row[first:] for row in sums),
    )


def _line(line: BomLine) -> Iterator[Cell]:
    yield _SECTIONS[line.section]
    yield line.sku
    yield line.name_es
    yield _quantity(line)
    yield spanish.unit(line.unit)
    yield line.unit_price
    yield line.total
    yield line.formula


def _quantity(line: BomLine) -> Cell:
    whole = line.unit != "m2" and line.quantity == line.quantity.to_integral_value()
    return int(line.quantity) if whole else line.quantity


def _sums(totals: Totals) -> Iterator[tuple[str, Decimal]]:
    """From the materials to the total, in the order in which they add up."""
    vat = f"IVA {spanish.percent(VAT_RATE * 100)}"
    if totals.prices_include_tax:
        yield "Materiales, con IVA", totals.materials
        yield from _changes(totals)
        yield "TOTAL", totals.total
        yield f"del que es {vat}", totals.vat
        yield "y neto", totals.net
    else:
        yield "Materiales, sin IVA", totals.materials
        yield from _changes(totals)
        yield "Neto", totals.net
        yield vat, totals.vat
        yield "TOTAL", totals.total


def _changes(totals: Totals) -> Iterator[tuple[str, Decimal]]:
    if totals.discount:
        yield "Descuento", -totals.discount
    if totals.shipping:
        yield "Traslado", totals.shipping


def _parts(parts: Iterable[BomPart]) -> Sheet:
    columns = (
        Column("Parte", 7),
        Column("Descripción", 46),
        Column("Superficie m²", 14),
        Column("Superficie de paneles m²", 24),
        Column("Paneles", 9),
        Column("Apoyos por panel", 17),
        Column("Peso kg", 11),
        Column("Materiales US$", 15),
    )
    rows = tuple(
        (
            part.part,
            part.title,
            part.project_area_m2,
            part.panel_area_m2,
            part.panel_count,
            part.supports_per_panel,
            part.weight_kg,
            part.materials,
        )
        for part in parts
    )
    return Sheet("Partes", columns, rows)


def _comparison(options: Iterable[BomOption]) -> Sheet:
    columns = (
        Column("Espesor mm", 11),
        Column("SKU", 14),
        Column("Producto", 34),
        Column("Paneles", 9),
        Column("Superficie m²", 14),
        Column("Precio US$/m²", 14),
        Column("Peso kg", 11),
        Column("Luz máxima m", 13),
        Column("Cubre la luz", 12),
        Column("Paneles US$", 14),
        Column("Accesorios US$", 15),
        Column("Fijaciones y selladores US$", 27),
        Column("Descuento US$", 14),
        Column("Traslado US$", 13),
        Column("IVA US$", 12),
        Column("Total con IVA US$", 18),
        Column("Sin precio", 30),
    )
    return Sheet("Comparación", columns, tuple(tuple(_option(option)) for option in options))


def _option(option: BomOption) -> Iterator[Cell]:
    yield option.thickness_mm
    yield option.sku
    yield option.name_es
    yield option.panel_count
    yield option.panel_area_m2
    yield option.unit_price
    yield option.weight_kg
    yield option.max_span_m
    yield _ANSWERS[option.span_ok]
    yield option.panels
    yield option.accessories
    yield option.fixings
    yield -option.totals.discount
    yield option.totals.shipping
    yield option.totals.vat
    yield option.totals.total
    yield ", ".join(option.missing_prices) or None


def _notes(bom: Bom) -> Sheet:
    """What one must know before the figures are used: without it, a provisional bill looks like a final one."""
    return Sheet("Notas", (Column("Nota", 20), Column("Texto", 110)), tuple(_said(bom)))


def _said(bom: Bom) -> Iterator[tuple[Cell, ...]]:
    prices = bom.price_list
    age = ", vencida" if prices.stale else ""
    yield "Lista de precios", f"{prices.id} del {spanish.day(prices.date)}{age}"
    if bom.comparison:
        yield "Materiales", f"Son los de la primera de las opciones que se comparan, {bom.comparison[0].name_es}"
    for kind in bom.missing_prices:
        yield "Sin precio", f"{kind}: no está en el total"
    for warning in bom.warnings:
        yield "Advertencia", warning.text
    for assumed in bom.assumptions:
        yield "Supuesto", assumed.text
    for question in bom.questions:
        yield "Por confirmar", question.text
    yield "Aviso", bom.notice
