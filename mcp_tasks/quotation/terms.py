"""The words of the trade, as requests and data files spell them."""

from typing import Literal

Family = Literal["ISODEC", "ISOROOF", "ISOPANEL", "ISOWALL", "ISOFRIG"]
Core = Literal["EPS", "PIR"]
Usage = Literal["techo", "pared", "camara"]
Structure = Literal["metal", "hormigon", "madera"]
RoofType = Literal["1_agua", "2_aguas", "4_aguas", "mariposa"]
Eave = Literal["gotero_frontal", "canalon"]
EdgeProfile = Literal["babeta_adosar", "babeta_empotrar", "gotero_superior", "cumbrera"]
TopEdge = Literal[EdgeProfile, "none"]
Colour = Literal["blanco", "gris", "rojo"]
Unit = Literal["m2", "pieza", "unidad", "pomo", "rollo"]

RodPart = Literal["tuerca", "arandela_carrocero", "arandela_plana", "tortuga_pvc", "taco_expansivo"]
RoofScrew = Literal["tornillo_punta_aguja", "tornillo_punta_mecha"]
BarKind = Literal[Eave, EdgeProfile, "gotero_lateral", "soporte_canalon", "perfil_u", "esquinero_exterior"]
"""What is sold in bars and cut to length."""

Kind = Literal[
    BarKind,
    "varilla",
    RodPart,
    "caballete",
    RoofScrew,
    "varilla_8mm",
    "taco_expansivo_8mm",
    "anclaje_h",
    "tornillo_t2",
    "remache_pop",
    "silicona",
    "cinta_butilo",
    "tornillo_t1",
]
"""Every kind of accessory that a calculation asks for."""

OtherKind = Literal[
    "gotero_frontal_greca",
    "gotero_lateral_camara",
    "babeta_lateral_adosar",
    "babeta_lateral_empotrar",
    "embudo",
    "perfil_k2",
    "perfil_g2",
    "perfil_5852",
    "esquinero_interior",
    "tortuga_pvc_gris",
    "membrana",
    "espuma_pu",
]
"""The kinds that are sold, too, and that no calculation asks for. The catalog may have more of its own."""
