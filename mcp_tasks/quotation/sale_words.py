"""What a quotation says of its bill of materials, in the language of the client.

Bills of materials are Spanish. In another language their sentences are made again from what they are about: codes,
fields and values. The names of products stay as they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mcp_tasks.quotation import spanish
from mcp_tasks.quotation.bom import Assumption, Bom, BomLine, BomWarning, WarningCode


@dataclass(frozen=True, slots=True)
class SaleWords:
    """One language. Texts with braces are filled in; without `warnings` and `assumptions` those of the bill stand."""

    uses: Mapping[str, str]
    accessories: str
    fixings: str
    panels: str
    more_panels: str
    panels_in_all: str
    longest_span: str
    supports: str
    more_parts: str
    assumed: str
    own_span: str
    no_price: str
    more_remarks: str
    notice: str | None
    metres: Callable[[Decimal], str]
    both: str
    values: Mapping[str, str]
    warnings: Mapping[WarningCode, str]
    assumptions: Mapping[str, str]

    def title(self, title: str) -> str:
        """A title of the bill, which begins with its use."""
        use = next((use for use in self.uses if title.startswith(use)), None)
        return title if use is None else self.uses[use] + title.removeprefix(use)

    def lengths(self, line: BomLine) -> str:
        """How many panels of which lengths; empty for what is no panel."""
        pieces = [(piece.panels, piece.length_m) for piece in line.pieces]
        if line.panels is not None and line.length_m is not None:
            pieces = [(line.panels, line.length_m)]
        if not pieces:
            return ""
        first, *others = (
            text.format(n=n, length=self.metres(length))
            for text, (n, length) in zip((self.panels, *[self.more_panels] * len(pieces)), pieces, strict=False)
        )
        return " + ".join((first, *others))

    def warning(self, warning: BomWarning, bom: Bom) -> str:
        """What a warning of the bill says."""
        text = self.warnings.get(warning.code)
        if text is None:
            return warning.text
        said = text.format_map({name: self._value(value) for name, value in warning.data.items()})
        part, mm = warning.data.get("part"), warning.data.get("option_mm")
        if isinstance(part, int):
            return f"{self._part(part, bom)}{said}"
        return "".join(f"{option.name_es}: " for option in bom.comparison if option.thickness_mm == mm) + said

    def assumption(self, assumed: Assumption, bom: Bom) -> str:
        """What an assumption of the bill says."""
        *place, field = assumed.field.split(".")
        text = self.assumptions.get(field)
        if text is None:
            return assumed.text
        said = text.format(value=self._value(assumed.value))
        return f"{self._part(int(place[1]) + 1, bom)}{said}" if place else said

    def _part(self, number: int, bom: Bom) -> str:
        return "".join(f"{self.title(part.title)}: " for part in bom.parts if part.part == number)

    def _value(self, value: str | int | list[int] | list[str]) -> str:
        if isinstance(value, list):
            *others, last = map(str, value) if value else [self.values["none"]]
            return self.both.join([", ".join(others), last]) if others else last
        return self.values.get(str(value), str(value))


WORDS: Mapping[str, SaleWords] = {
    "es": SaleWords(
        uses={},
        accessories="Accesorios",
        fixings="Fijaciones y selladores",
        panels="{n} p. de {length}",
        more_panels="{n} p. de {length}",
        panels_in_all="{n} p.",
        longest_span="luz máxima {length}",
        supports="{n} apoyos",
        more_parts="{n} más",
        assumed="Supuestos del cálculo:",
        own_span="Luz entre apoyos: la máxima del panel de cada opción.",
        no_price="Sin precio, no está en el total: {name}.",
        more_remarks="Hay {n} observaciones más en el cálculo.",
        notice=None,
        metres=spanish.metres,
        both=" y ",
        values={},
        warnings={},
        assumptions={},
    ),
    "en": SaleWords(
        uses={"Techo": "Roof", "Fachada": "Wall", "Cámara frigorífica": "Cold room", "Accesorios": "Accessories"},
        accessories="Accessories",
        fixings="Fixings and sealants",
        panels="{n} panels of {length}",
        more_panels="{n} of {length}",
        panels_in_all="{n} panels",
        longest_span="spans up to {length}",
        supports="{n} supports",
        more_parts="{n} more",
        assumed="Assumed in the calculation:",
        own_span="Distance between supports: the longest that the panel of each option carries.",
        no_price="Without a price, not in the total: {name}.",
        more_remarks="There are {n} more remarks in the calculation.",
        notice="Quantities are commercial estimates; the structure and the distance between supports need an "
        "engineer's approval.",
        metres=lambda value: f"{value:,.2f} m",
        both=" and ",
        values={
            "none": "none",
            "hormigon": "concrete",
            "madera": "timber",
            "4_aguas": "of four slopes",
            "mariposa": "of butterfly shape",
            "blanco": "white",
            "gris": "grey",
            "rojo": "red",
        },
        warnings={
            "prices_changed": "Prices changed since the earlier quotation: the same came to US$ {before}, and now to "
            "US$ {now}.",
            "span_exceeds_max": "The span of {span_m} m is longer than the panel carries, {max_span_m} m. Thicknesses "
            "that carry it (mm): {thicker_options_mm}. With this thickness {supports_if_kept} supports are needed.",
            "intermediate_supports_required": "The panels of {lengths} m are longer than the span they carry, "
            "{max_span_m} m: they need supports in between, {supports} in all under those of {length_m} m.",
            "panel_longer_than_max": "A length of {length_m} m is more than is made, {max_length_m} m.",
            "panel_shorter_than_min": "A length of {length_m} m is less than is made, {min_length_m} m.",
            "panels_do_not_cover_width": "{panels} panels do not cover a width of {width_m} m: {needed} are needed.",
            "roof_type_needs_review": "The roof {roof_type} was calculated as a single slope: a technician has to "
            "check the quantities.",
            "door_and_floor_not_included": "The cold room is quoted without door and floor.",
            "ceiling_fixing_undefined_for_hormigon": "How the ceiling is fixed to concrete is not defined: a "
            "technician has to decide it.",
            "interior_partitions_only": "{sku}: only for partitions inside a building.",
            "colour_not_available": "This panel is not made in {colour}, and is quoted without that colour. "
            "Thicknesses made in {colour} (mm): {thicknesses_mm}.",
            "colour_takes_longer": "The panel in {colour} takes {extra_days} days longer than usual.",
            "colour_needs_minimum_area": "The panel in {colour} is made from {min_area_m2} m² on; this order has "
            "{area_m2} m².",
        },
        assumptions={
            "span_m": "Distance between supports: {value} m, the longest that the panel carries.",
            "thickness_mm": "Thickness: {value} mm, the thinnest recommended one that carries the span.",
            "structure": "Structure: {value}.",
            "top_edge": "No profile along the upper edge.",
            "roof_type": "A single slope.",
            "height_m": "Inner height: {value} m.",
            "corners_ext": "No outer corners.",
        },
    ),
}
