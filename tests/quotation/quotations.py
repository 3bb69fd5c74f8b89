"""Quotations to test with, made of neutral names, and what was printed of them."""

import datetime
from pathlib import Path
from typing import Any

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]

from mcp_tasks.quotation import render
from mcp_tasks.quotation.company import Company
from mcp_tasks.quotation.document import Quotation
from mcp_tasks.quotation.presentation import presentation
from mcp_tasks.quotation.template_data import Presentation

DAY = datetime.date(2026, 11, 23)
COMPANY = Company.load()
_SECTIONS = {
    "paneles": ("ISODEC EPS 150 mm \N{EN DASH} 12 p. de 7,75 m", "m2", "104.16", "41.15"),
    "accesorios": ("Gotero lateral 150 mm (3 m)", "pieza", "4", "27.33"),
    "fijaciones": ("Varilla roscada BSW 3/8 x 1 m", "unidad", "11", "3.81"),
}


def line(section: str = "accesorios", **changes: Any) -> dict[str, Any]:
    """A line of that section, as a caller writes it."""
    name, unit, quantity, unit_price = _SECTIONS[section]
    return {
        "section": section,
        "name": name,
        "unit": unit,
        "quantity": quantity,
        "unit_price": unit_price,
    } | changes


def lines(paneles: int, accesorios: int, fijaciones: int) -> list[dict[str, Any]]:
    counts = {"paneles": paneles, "accesorios": accesorios, "fijaciones": fijaciones}
    return [line(section) for section, count in counts.items() for _ in range(count)]


def quotation(**changes: Any) -> Quotation:
    request = {"client": {"name": "Ana Ejemplo"}, "lines": lines(1, 1, 1), "prices_include_tax": False}
    return Quotation.model_validate(request | changes)


def printed(company: Company = COMPANY, **changes: Any) -> Presentation:
    """What the template is given for a quotation with these fields, issued on 23 November 2026."""
    return presentation(quotation(**changes), company, "Q-2026-0001", DAY)


def pdf(**changes: Any) -> bytes:
    return render.compile_pdf(printed(**changes), str(COMPANY.logo))[0]


def pages(document: bytes) -> list[str]:
    """The text of each page, in reading order."""
    reader: Any = pypdfium2.PdfDocument(document)
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in reader]


def ink(document: bytes, letter: str = "") -> list[tuple[float, float]]:
    """The left and right ends of the characters of each page, or of one of them, in mm from the paper's left edge."""
    reader: Any = pypdfium2.PdfDocument(document)
    ends: list[tuple[float, float]] = []
    for page in reader:
        text = page.get_textpage()
        boxes = [
            box
            for at in range(text.count_chars())
            if (box := text.get_charbox(at))[0] < box[2] and letter in text.get_text_range(at, 1)
        ]
        ends.append((min(box[0] for box in boxes) / 72 * 25.4, max(box[2] for box in boxes) / 72 * 25.4))
    return ends


def rendered(folder: Path, **changes: Any) -> tuple[render.Rendered, list[dict[str, Any]]]:
    """What the child answers, and what it told on the way."""
    told: list[dict[str, Any]] = []
    payload: render.RenderPayload = {
        "presentation": printed(**changes),
        "folder": str(folder),
        "logo": str(COMPANY.logo),
    }
    return render.render_in_child(payload, told.append), told
