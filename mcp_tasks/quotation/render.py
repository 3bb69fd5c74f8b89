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
from typing import TYPE_CHECKING, Any, NamedTuple, NotRequired, TypedDict

from mcp_tasks.errors import KnowledgeError
from mcp_tasks.quotation.preview import first_page

if TYPE_CHECKING:
    import typst

    from mcp_tasks.quotation.template_data import Presentation

TEMPLATE = Path(__file__).with_name("quote.typ")
PDF_NAME = "quotation.pdf"
PREVIEW_NAME = "preview.png"
_LARGEST_LOGO = 2_000_000
_MISSING_GLYPH = re.compile(r'the text `"(?P<text>[^`]+)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_FIRST_NOT_LATIN = "\u0250"
_SHOWN_INSTEAD = "\N{REPLACEMENT CHARACTER}"
_LINE = re.compile(r"(?:┌─|-->) *(?P<file>.+?):(?P<line>\d+):\d+")


class RenderPayload(TypedDict):
    """What a child is asked for; plain JSON.

    `folder` must exist and receives the two files. `logo` is the path of a picture, or null. `template` replaces
    the packaged `quote.typ`; it may import files beside it, and use the fonts in the folder `fonts` there.
    """

    presentation: "Presentation"
    folder: str
    logo: NotRequired[str | None]
    template: NotRequired[str | None]


class Rendered(TypedDict):
    """`archival`: the PDF conforms to PDF/A-3a and PDF/UA-1; false when no font has some character.

    Those are in `unprintable`, and a mark is printed for each. `logo_fault` says why the logo was left out although
    there is one.
    """

    pages: int
    archival: bool
    unprintable: str
    logo_fault: str | None


class Compiled(NamedTuple):
    """A PDF, and what `Rendered` says of it."""

    pdf: bytes
    archival: bool
    unprintable: str = ""
    logo_fault: str | None = None


def render_in_child(payload: RenderPayload, emit: Callable[[dict[str, Any]], None]) -> Rendered:
    """Write the PDF and the picture of its first page into `payload["folder"]`; `emit` hears of each step.

    Raises KnowledgeError, naming the line, when the template cannot be compiled. The same payload gives
    the same bytes.
    """
    folder = Path(payload["folder"])
    compiled = compile_pdf(payload["presentation"], payload.get("logo"), payload.get("template"))
    (folder / PDF_NAME).write_bytes(compiled.pdf)
    emit({"done": 1, "total": 2, "message": "PDF listo"})
    png, pages = first_page(compiled.pdf)
    (folder / PREVIEW_NAME).write_bytes(png)
    emit({"done": 2, "total": 2, "message": "vista previa lista"})
    return {
        "pages": pages,
        "archival": compiled.archival,
        "unprintable": compiled.unprintable,
        "logo_fault": compiled.logo_fault,
    }


def compile_pdf(presentation: "Presentation", logo: str | None = None, template: str | None = None) -> Compiled:
    """The PDF. A logo that is no picture costs the logo, not the quotation."""
    import typst

    source = Path(template or TEMPLATE).resolve()
    picture, fault = _logo(logo)
    try:
        try:
            compiled = _compiled(source, presentation, picture)
        except typst.TypstError as error:
            if not picture:
                raise
            compiled, fault = _compiled(source, presentation, []), error.message  # unless it fails again: the logo's
        return compiled._replace(logo_fault=fault)
    except typst.TypstError as error:
        raise _template_error(source, error) from error


def _compiled(source: Path, presentation: "Presentation", logo: list[int]) -> Compiled:
    """Archival if it can be; else with a mark for each character that no font has."""
    import typst

    data = json.dumps(presentation, ensure_ascii=False)

    def compiled(data: str, *standards: "typst.PDFStandard") -> bytes:
        pdf = _compiler(source).compile(
            format="pdf",
            sys_inputs={"data": data, "logo": json.dumps(logo)},
            timestamp=presentation["created"],
            pdf_standards=list(standards),
        )
        assert isinstance(pdf, bytes), "a PDF is one file"
        return pdf

    try:
        return Compiled(compiled(data, "a-3a", "ua-1"), archival=True)
    except typst.TypstError as error:
        if not _MISSING_GLYPH.search(error.message):
            raise
        missing = _unprintable(error.diagnostic)
        marked = data.translate(dict.fromkeys(map(ord, missing), _SHOWN_INSTEAD))
        return Compiled(compiled(marked), archival=False, unprintable=missing)


def _unprintable(diagnostic: str) -> str:
    """The characters that no font has. A Latin letter is only blamed for a mark above it that none has."""
    texts = (found["text"] for found in _MISSING_GLYPH.finditer(diagnostic))
    characters = "".join(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) for text in texts)
    return "".join(c for c in dict.fromkeys(characters) if c >= _FIRST_NOT_LATIN)


@functools.lru_cache(maxsize=4)
def _compiler(template: Path) -> "typst.Compiler":
    """One compiler per template for the life of the child: it keeps the fonts and what it has laid out."""
    import typst

    if not template.is_file():
        raise KnowledgeError(f"{template}: there is no such template")
    return typst.Compiler(template, root=template.parent, font_paths=_fonts(template.parent), ignore_system_fonts=True)


@functools.cache
def _fonts(folder: Path) -> "typst.Fonts":
    """Those in `fonts` beside the template, and the packaged: a quotation looks the same on every machine."""
    import typst

    folders = [str(files(package) / "files") for package in ("fontpkg_open_sans", "fontpkg_noto_sans")]
    if (own := folder / "fonts").is_dir():
        folders.insert(0, str(own))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _logo(path: str | None) -> tuple[list[int], str | None]:
    """The picture's bytes, for a template cannot read outside its own folder, or why there are none."""
    if path is None:
        return [], None
    try:
        with Path(path).open("rb") as file:
            picture = file.read(_LARGEST_LOGO + 1)
    except OSError as error:
        return [], f"it cannot be read: {error.strerror}"
    if len(picture) > _LARGEST_LOGO:
        return [], "it is larger than 2 MB, which every quotation would have to carry; make it smaller"
    return list(picture), None if picture else "it is empty"


def _template_error(template: Path, error: "typst.TypstError") -> KnowledgeError:
    place = _LINE.search(error.diagnostic)
    where = f"{Path(place['file']).name}, line {place['line']}" if place else template.name
    hints = "".join(f" ({hint})" for hint in error.hints if "`--root`" not in hint)  # typst's own, not a flag of ours
    return KnowledgeError(f"the template cannot be compiled: {where}: {error.message[:300]}{hints}")
