"""A presentation becomes quotation.pdf and preview.png. Runs in a child process: `render_in_child`.

The server's own process never imports typst: a template that loops or a library that crashes may only
take a child with it. Hence the imports of typst and pypdfium2 stand inside the functions that need them,
and a child does not load the models that it needs none of.
"""

import functools
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation.preview import first_page

if TYPE_CHECKING:
    import typst

    from mcp_tasks.quotation.template_data import Presentation

TEMPLATE = Path(__file__).with_name("quote.typ")
PDF_NAME = "quotation.pdf"
PREVIEW_NAME = "preview.png"
_MISSING_GLYPH = "could not be displayed"
_LINE = re.compile(r"(?:┌─|-->) *(?P<file>.+?):(?P<line>\d+):\d+")


class RenderPayload(TypedDict):
    """What a child is asked for; plain JSON.

    `folder` must exist and receives the two files. `logo` is the path of a picture; null, or a path that
    leads nowhere: no logo. `template` replaces the packaged `quote.typ`; it may import files beside it.
    """

    presentation: "Presentation"
    folder: str
    logo: NotRequired[str | None]
    template: NotRequired[str | None]


class Rendered(TypedDict):
    """`archival`: the PDF conforms to PDF/A-3a and PDF/UA-1; false when no packaged font has some character."""

    pages: int
    archival: bool


def render_in_child(payload: RenderPayload, emit: Callable[[dict[str, Any]], None]) -> Rendered:
    """Write the PDF and the picture of its first page into `payload["folder"]`; `emit` hears of each step.

    Raises KnowledgeError, naming the line, when the template cannot be compiled. The same payload gives
    the same bytes.
    """
    folder = Path(payload["folder"])
    pdf, archival = compile_pdf(payload["presentation"], payload.get("logo"), payload.get("template"))
    (folder / PDF_NAME).write_bytes(pdf)
    emit({"done": 1, "total": 2, "message": "PDF listo"})
    png, pages = first_page(pdf)
    (folder / PREVIEW_NAME).write_bytes(png)
    emit({"done": 2, "total": 2, "message": "vista previa lista"})
    return {"pages": pages, "archival": archival}


def compile_pdf(
    presentation: "Presentation", logo: str | None = None, template: str | None = None
) -> tuple[bytes, bool]:
    """The PDF, and whether it is archival."""
    import typst

    source = Path(template or TEMPLATE).resolve()
    inputs = {"data": json.dumps(presentation, ensure_ascii=False), "logo": _logo(logo)}

    def compiled(*standards: "typst.PDFStandard") -> bytes:
        pdf = _compiler(source).compile(
            format="pdf", sys_inputs=inputs, timestamp=presentation["created"], pdf_standards=list(standards)
        )
        assert isinstance(pdf, bytes), "a PDF is one file"
        return pdf

    try:
        try:
            return compiled("a-3a", "ua-1"), True
        except typst.TypstError as error:
            if _MISSING_GLYPH not in error.message:
                raise
            return compiled(), False
    except typst.TypstError as error:
        raise _template_error(source, error) from error


@functools.lru_cache(maxsize=4)
def _compiler(template: Path) -> "typst.Compiler":
    """One compiler per template for the life of the child: it keeps the fonts and what it has laid out."""
    import typst

    if not template.is_file():
        raise KnowledgeError(f"{template}: there is no such template")
    return typst.Compiler(template, root=template.parent, font_paths=_fonts(), ignore_system_fonts=True)


@functools.cache
def _fonts() -> "typst.Fonts":
    """Only the packaged fonts, so that a quotation looks the same on every machine."""
    import typst

    folders = [str(files(package) / "files") for package in ("fontpkg_open_sans", "fontpkg_noto_sans")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _logo(path: str | None) -> str:
    """The picture's bytes as a JSON list, for a template cannot read outside its own folder; `[]`: no logo."""
    if path is None or not Path(path).is_file():
        return "[]"
    return json.dumps(list(Path(path).read_bytes()))


def _template_error(template: Path, error: "typst.TypstError") -> KnowledgeError:
    place = _LINE.search(error.diagnostic)
    where = f"{Path(place['file']).name}, line {place['line']}" if place else template.name
    hints = "".join(f" ({hint})" for hint in error.hints)
    return KnowledgeError(f"the template cannot be compiled: {where}: {error.message[:300]}{hints}")
