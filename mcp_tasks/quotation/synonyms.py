"""Other words for the terms: what sellers say, in Spanish and English. None of them means two terms.

Case, accents, spaces and hyphens do not matter (see `folded`); what is ambiguous ("babeta", "metal y madera") is not
here, so that it is refused with the terms that there are.
"""

from collections.abc import Mapping

OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    "ISODEC": ("isodecs", "iso dec", "iso decs"),
    "ISOROOF": ("isoroofs", "iso roof", "iso roofs"),
    "ISOPANEL": ("isopaneles", "isopanels", "iso panel", "iso paneles", "iso panels"),
    "ISOWALL": ("isowalls", "iso wall", "iso walls"),
    "ISOFRIG": ("isofrigs", "iso frig", "iso frigs"),
    "EPS": ("poliestireno", "poliestireno expandido", "polystyrene", "expanded polystyrene"),
    "PIR": ("poliisocianurato", "polyisocyanurate"),
    "techo": ("techos", "cubierta", "cubiertas", "roof", "roofs"),
    "pared": ("paredes", "fachada", "fachadas", "muro", "muros", "wall", "walls", "facade", "facades"),
    "camara": (
        "camaras",
        "camara frigorifica",
        "camaras frigorificas",
        "camara de frio",
        "camaras de frio",
        "cold room",
        "cold rooms",
        "coldroom",
        "coldrooms",
    ),
    "metal": ("metales", "metalica", "metalicas", "metalico", "metalicos", "acero", "hierro", "steel", "iron"),
    "hormigon": ("hormigones", "H\N{DEGREE SIGN}", "Ho", "concreto", "concrete"),
    "madera": ("maderas", "wood", "wooden", "timber"),
    "1_agua": (
        "un agua", "una agua", "a un agua", "a 1 agua", "una falda", "1 falda",
        "one slope", "1 slope", "single slope", "monopitch",
    ),
    "2_aguas": (
        "dos aguas", "a dos aguas", "a 2 aguas", "dos faldas", "2 faldas", "two slopes", "2 slopes", "gable",
    ),
    "4_aguas": (
        "cuatro aguas", "a cuatro aguas", "a 4 aguas", "cuatro faldas", "4 faldas", "four slopes", "4 slopes", "hip",
    ),
    "mariposa": ("techo mariposa", "butterfly"),
    "gotero_frontal": ("gotero", "goteros", "goteros frontales", "drip edge", "drip edges"),
    "canalon": ("canalones", "canaleta", "canaletas", "gutter", "gutters"),
    "babeta_adosar": ("babeta de adosar", "babetas de adosar", "babeta adosada"),
    "babeta_empotrar": ("babeta de empotrar", "babetas de empotrar", "babeta empotrada"),
    "gotero_superior": ("goteros superiores", "upper drip edge"),
    "cumbrera": ("cumbreras", "ridge", "ridges", "ridge cap", "ridge caps"),
    "none": ("ninguno", "ninguna", "nada"),
    "blanco": ("blancos", "blanca", "blancas", "white"),
    "gris": ("grises", "grey", "gray"),
    "rojo": ("rojos", "roja", "rojas", "red"),
}  # fmt: skip
