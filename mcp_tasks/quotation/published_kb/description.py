"""What the words of an item say that it is. Names were written by people for each item; SKUs and fields were not."""

import re
import unicodedata
from decimal import Decimal

from mcp_tasks.quotation.catalog import UNIVERSAL, Accessory, Panel
from mcp_tasks.quotation.published_kb.item import PublishedItem

Product = Panel | Accessory

_KINDS: tuple[tuple[str, str | None], ...] = (
    ("soporte canalon", "soporte_canalon"),
    ("canalon", "canalon"),
    ("babeta lateral atornillar", "babeta_lateral_adosar"),
    ("babeta lateral empotrar", "babeta_lateral_empotrar"),
    ("babeta adosar", "babeta_adosar"),
    ("babeta atornillar", "babeta_adosar"),
    ("babeta empotrar", "babeta_empotrar"),
    ("gotero frontal greca", "gotero_frontal_greca"),
    ("gotero frontal", "gotero_frontal"),
    ("gotero lateral camara", "gotero_lateral_camara"),
    ("gotero lateral", "gotero_lateral"),
    ("gotero superior", "gotero_superior"),
    ("cumbrera colonial", None),
    ("cumbrera", "cumbrera"),
    ("perfil k2", "perfil_k2"),
    ("perfil g2", "perfil_g2"),
    ("perfil 5852", "perfil_5852"),
    ("perfil ch u", "perfil_u"),
    ("arandela carrocero", "arandela_carrocero"),
    ("arandela plana", "arandela_plana"),
    ("polipropileno gris", "tortuga_pvc_gris"),
    ("polipropileno", "tortuga_pvc"),
    ("caballete", "caballete"),
    ("taco expansivo", "taco_expansivo"),
    ("tuerca", "tuerca"),
    ("varilla", "varilla"),
    ("pistola", None),
    ("silicona", "silicona"),
    ("cinta butilo", "cinta_butilo"),
    ("membrana", "membrana"),
    ("embudo", "embudo"),
)
"""The words that a name must have, and the catalog's kind; the first that fits. None: nothing of ours."""

_MM = re.compile(r"([0-9]{2,3}) ?mm", re.IGNORECASE | re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,3}(\.0+)?", re.ASCII)


def kind_of(item: PublishedItem) -> str | None:
    """The catalog's kind of an accessory, or None when its name says nothing that we sell."""
    words = _words(item.name)
    return next((kind for wanted, kind in _KINDS if words.issuperset(wanted.split())), None)


def thickness_in_name(item: PublishedItem) -> int | None:
    """The first thickness that the name gives: "U 100 mm x 35 mm" is for panels of 100 mm."""
    found = _MM.search(item.name)
    return int(found[1]) if found else None


def thickness_in_field(item: PublishedItem) -> int | None:
    """The thickness that the field gives, as a number or as text; None for a list of several."""
    given = item.thickness
    text = str(given).strip() if isinstance(given, str | int | Decimal) and not isinstance(given, bool) else ""
    return int(Decimal(text)) if _WHOLE.fullmatch(text) else None


def describes(item: PublishedItem, product: Product) -> bool:
    """Whether the words of the item fit the product."""
    return _fits_panel(item, product) if isinstance(product, Panel) else _fits_accessory(item, product)


def _fits_panel(item: PublishedItem, panel: Panel) -> bool:
    variants = {"FOIL", "PLUS"} & {word.upper() for word in _words(item.name)}
    return (
        item.by_area
        and set(item.families) == {panel.family}
        and set(item.cores) == {panel.core}
        and _thickness(item) == panel.thickness_mm
        and variants == ({panel.variant} if panel.variant else set())
    )


def _fits_accessory(item: PublishedItem, row: Accessory) -> bool:
    if item.by_area or kind_of(item) != row.kind:
        return False
    if row.thickness_mm is not None and _thickness(item) not in row.thickness_mm:
        return False
    ours = {code.partition("_")[0] for code in row.families}
    return not item.families or UNIVERSAL in ours or bool(item.families & ours)


def _thickness(item: PublishedItem) -> int | None:
    """The name goes before the field, which was filled down from other rows."""
    return thickness_in_name(item) or thickness_in_field(item)


def _words(text: str) -> set[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    words = set(re.findall(r"[a-z]+[0-9]*|[0-9]+", bare))
    return words | ({"ch"} if "chapa" in words else set())
