"""What results say to people, in Spanish: warnings, assumptions, questions, and numbers with a decimal comma."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Assumption, BomWarning, Question, WarningCode
from mcp_tasks.quotation.fields import plain
from mcp_tasks.quotation.rules import ShippingHints
from mcp_tasks.quotation.spanish import money
from mcp_tasks.quotation.terms import EdgeProfile

NOTICE = (
    "Las cantidades son estimaciones comerciales; la estructura y la distancia entre apoyos "
    "requieren la aprobación de un ingeniero."
)

_WARNINGS: dict[WarningCode, str] = {
    "span_assumed_max": "No se indicó la luz entre apoyos: se calculó con la máxima del panel, {max_span_m} m.",
    "span_not_given": "No se indicó la luz entre apoyos: el panel admite hasta {max_span_m} m.",
    "span_near_max": "La luz de {span_m} m usa más del {comfort_pct} % de la máxima del panel, {max_span_m} m.",
    "span_exceeds_max": "La luz de {span_m} m supera la máxima del panel, {max_span_m} m. "
    "Espesores que la cubren (mm): {thicker_options_mm}. "
    "Si se mantiene este espesor hacen falta {supports_if_kept} apoyos.",
    "span_longer_than_panel": "La luz de {span_m} m es mayor que el largo del panel, {length_m} m: "
    "una de las dos medidas no es la que se quiso decir.",
    "intermediate_supports_required": "Los paneles de {lengths} m superan la luz máxima de {max_span_m} m: "
    "hacen falta apoyos intermedios, {supports} apoyos en total bajo los de {length_m} m.",
    "panel_longer_than_max": "El largo de {length_m} m supera el máximo que se fabrica, {max_length_m} m.",
    "panel_shorter_than_min": "El largo de {length_m} m es menor que el mínimo que se fabrica, {min_length_m} m.",
    "panels_do_not_cover_width": "{panels} paneles no cubren {width_m} m de ancho: hacen falta {needed}.",
    "panels_uneven_between_slopes": "{panels} paneles no se reparten por igual en {slopes} faldas: "
    "perfiles y fijaciones se calcularon con {per_slope} por falda.",
    "panels_of_several_lengths": "Los paneles tienen {lengths} largos, de {shortest_m} m a {longest_m} m: los perfiles "
    "se calcularon con el contorno del más largo; hay que revisar la disposición.",
    "roof_type_needs_review": "El techo {roof_type} se calculó como una sola falda: "
    "un técnico debe revisar las cantidades.",
    "top_edge_not_specified": "No se indicó la terminación del borde superior: "
    "no se incluyó babeta, gotero superior ni cumbrera.",
    "tight_cut": "De {bars} barras de {piece} sobran solo {spare_m} m: conviene prever una más.",
    "nearest_lower_thickness": "No hay {piece} para {thickness_mm} mm: se tomó el de {used_mm} mm.",
    "colour_not_available": "Este panel no se fabrica en {colour}: la cotización no incluye ese color. "
    "Espesores que se fabrican en {colour} (mm): {thicknesses_mm}.",
    "colour_takes_longer": "El panel {colour} demora {extra_days} días más que el plazo habitual.",
    "colour_needs_minimum_area": "El panel {colour} se fabrica desde {min_area_m2} m2; este pedido tiene {area_m2} m2.",
    "prices_estimated": "Precios que la lista tiene solo como estimados, a confirmar: {names}.",
    "door_and_floor_not_included": "La cámara se cotiza sin puerta ni piso.",
    "ceiling_fixing_undefined_for_hormigon": "La fijación del cielo a hormigón no está definida: "
    "debe resolverla un técnico.",
}

_ASSUMPTIONS = {
    "span_m": "Luz entre apoyos: {value} m, la máxima del panel.",
    "thickness_mm": "Espesor: {value} mm, el menor recomendado que cubre la luz de {span_m} m.",
    "structure": "Estructura: {value}.",
    "top_edge": "Borde superior sin perfil de terminación.",
    "roof_type": "Una sola falda.",
    "height_m": "Altura interior: {value} m.",
    "corners_ext": "Sin esquinas exteriores.",
}

# In the order in which they are worth asking.
_QUESTIONS = {
    "span_m": "¿Cuál es la distancia entre apoyos (luz), en metros?",
    "thickness_mm": "¿De qué espesor se quiere el panel, en mm?",
    "structure": "¿La estructura es de metal, hormigón o madera?",
    "top_edge": "¿Cómo termina el borde superior: {edges}?",
    "roof_type": "¿Cuáles son las medidas de cada falda?",
    "height_m": "¿Cuál es la altura interior de la cámara, en metros?",
    "corners_ext": "¿Cuántas esquinas exteriores hay?",
}

_EDGES: dict[EdgeProfile, str] = {
    "babeta_adosar": "babeta de adosar",
    "babeta_empotrar": "babeta de empotrar",
    "gotero_superior": "gotero superior",
    "cumbrera": "cumbrera",
}


Fact: TypeAlias = Decimal | int | str | list[int] | list[Decimal]
"""What a warning is about; decimals in a list are metres."""


def warning(code: WarningCode, **data: Fact) -> BomWarning:
    """The warning of that code; its text is made of `data`."""
    text = _WARNINGS[code].format_map({name: _words(value) for name, value in data.items()})
    return BomWarning(
        code=code,
        text=text,
        data={name: _kept(value) for name, value in data.items()},
    )


def _kept(value: Fact) -> str | int | list[int] | list[str]:
    if isinstance(value, list):
        decimals = [plain(one) for one in value if isinstance(one, Decimal)]
        return decimals or [one for one in value if isinstance(one, int)]
    return plain(value) if isinstance(value, Decimal) else value


def prices_changed(before: Decimal, now: Decimal) -> BomWarning:
    """What an earlier quotation sold comes to another total now; both are in USD."""
    return BomWarning(
        code="prices_changed",
        text=f"Los precios cambiaron desde la cotización anterior: lo mismo costaba {money(before)} "
        f"y ahora {money(now)}.",
        data={"before": str(before), "now": str(now)},
    )


def assumption(field: str, value: Decimal | str, **data: Decimal) -> Assumption:
    """A value that was taken because the request leaves `field` open; `data` is what it follows from."""
    return Assumption(
        field=field,
        value=plain(value) if isinstance(value, Decimal) else value,
        text=_ASSUMPTIONS[field].format(value=_words(value), **{name: comma(number) for name, number in data.items()}),
    )


def questions(
    assumptions: Sequence[Assumption], freight: ShippingHints | None, edges: Sequence[EdgeProfile] = ()
) -> tuple[Question, ...]:
    """What would remove the assumptions. `edges` are the profiles that there are for the upper edge.

    `freight` adds the question about it with what it usually costs.
    """
    assumed = {a.field for a in assumptions}
    offered = " o ".join(filter(None, (", ".join(_EDGES[edge] for edge in edges), "nada")))
    asked = [
        Question(field=field, text=text.format(edges=offered)) for field, text in _QUESTIONS.items() if field in assumed
    ]
    if freight is not None:
        text = (
            "¿A qué localidad se envía? El total no incluye flete (orientativo en USD: "
            f"Montevideo {comma(freight.montevideo_usd)}, Maldonado {comma(freight.maldonado_usd)}, "
            f"interior {comma(freight.interior_usd)})."
        )
        asked.append(Question(field="shipping_usd", text=text))
    return tuple(asked)


def comma(number: Decimal | int) -> str:
    """`11.20` as `11,2`."""
    return spanish.decimal(Decimal(number), places=0)


def _words(value: Fact) -> str:
    """As it stands in a sentence; the unit of the last length is the sentence's own, as in "12 m y 7,5" for "... m"."""
    if isinstance(value, list):
        unit = " m" if any(isinstance(one, Decimal) for one in value) else ""
        *others, last = map(comma, value) if value else ["ninguno"]
        return f"{f'{unit}, '.join(others)}{unit} y {last}" if others else last
    return value.replace("_", " ") if isinstance(value, str) else comma(value)
