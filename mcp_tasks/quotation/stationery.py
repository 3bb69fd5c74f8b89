"""What a quotation is printed on: a template, the words around it, and the company; packaged, or a company's own.

A template may be a file, or a folder with `quote.typ` in it. What lies beside it belongs to it: the texts of a
language (`texts/es.json`, `texts/en.json`) and, unless another is named, the company (`company.json`). What does not
lie there is the packaged one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.company import SAMPLE, Company
from mcp_tasks.quotation.document import Language
from mcp_tasks.quotation.render import TEMPLATE
from mcp_tasks.quotation.texts import PACKAGED, Texts

_DATA = SAMPLE.parent


class Stationery(NamedTuple):
    """The files, read."""

    template: Path
    company: Company
    texts: Texts


def read_stationery(template: Path | None, company: Path | None, language: Language) -> Stationery:
    """The files for a quotation in `language`; `KnowledgeError` names the one that is not usable, and the place in it.

    Whether the template can be compiled shows when it is.
    """
    source = TEMPLATE if template is None else template / TEMPLATE.name if template.is_dir() else template
    texts = PACKAGED
    if template is not None:
        beside = source.parent
        if (beside / PACKAGED.name / f"{language}.json").exists():
            texts = beside / PACKAGED.name
        if company is None and (beside / SAMPLE.name).exists():
            company = beside / SAMPLE.name
    return Stationery(source.absolute(), Company.load(company or SAMPLE), Texts.load(language, texts))


def export(folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write the packaged files into `folder`, to be changed there; returns them.

    Raises `InvalidRequest` when some are there already, unless they may be overwritten; nothing is written then.
    """
    contents = {folder / name: source.read_bytes() for name, source in _packaged()}
    there = [path for path in contents if path.exists()]
    if there and not overwrite:
        raise InvalidRequest(
            f"already there: {', '.join(map(str, there))}; name another folder, or overwrite them with --force",
            field="folder",
            received=str(folder),
        )
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise InvalidRequest(
            f"{error.filename or folder} cannot be written: {error.strerror}; name another folder",
            field="folder",
            received=str(folder),
        ) from error
    return list(contents)


def _packaged() -> Iterator[tuple[str, Path]]:
    yield TEMPLATE.name, TEMPLATE
    for texts in sorted(PACKAGED.glob("*.json")):
        yield f"{PACKAGED.name}/{texts.name}", texts
    yield SAMPLE.name, SAMPLE
    yield "logo.svg", _DATA / "logo.svg"
    yield "README.md", _DATA / "template.md"
