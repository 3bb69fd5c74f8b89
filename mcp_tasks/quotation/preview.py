"""A picture of a PDF's first page, drawn from the very bytes that are delivered."""

import io
from importlib import import_module
from typing import Any

_DPI = 110


def first_page(pdf: bytes) -> tuple[bytes, int]:
    """The first page as PNG at 110 dpi, and the number of pages. Equal bytes give an equal picture."""
    document: Any = import_module("pypdfium2").PdfDocument(pdf)
    try:
        pages = len(document)
        image = document[0].render(scale=_DPI / 72).to_pil()
    finally:
        document.close()
    png = io.BytesIO()
    image.save(png, "PNG", compress_level=3)
    return png.getvalue(), pages
