"""What tools and tasks of the product say to people, in Spanish and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mcp_tasks.settings import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. Texts with braces are filled by the methods; figures stay as they are in the results."""

    submit_quotation: str
    submit_bom: str
    submit_pdf: str
    calculating: str
    rendering: str
    bom_line: str
    provisional: str
    no_price: str
    warnings: str
    questions: str
    pdf_line: str
    ask_span: str
    ask_structure: str
    ask_again: str
    decimal_mark: str
    pages: Mapping[str, str]

    def bom(self, bom: Mapping[str, Any]) -> str:
        """A bill of materials (as JSON) in a few lines."""
        totals = bom["totals"]
        said = [
            self.bom_line.format(
                system=bom["system"],
                panels=bom["panel_count"],
                area=bom["panel_area_m2"],
                currency=totals["currency"],
                total=totals["total"],
            )
        ]
        if bom["status"] == "provisional":
            said.append(self.provisional)
        if bom["missing_prices"]:
            said.append(self.no_price.format(kinds=", ".join(bom["missing_prices"])))
        if bom["warnings"]:
            said.append(self.warnings.format(codes=", ".join(w["code"] for w in bom["warnings"])))
        if bom["questions"]:
            said.append(self.questions.format(texts=" ".join(q["text"] for q in bom["questions"])))
        return "\n".join(said)

    def span_question(self, max_span_m: Decimal | None) -> str:
        """The question for the distance between supports, with what the panel carries."""
        return self.ask_span.format(max_span_m=str(max_span_m).replace(".", self.decimal_mark))

    def pdf(self, pdf: Mapping[str, Any]) -> str:
        """A rendered quotation (as JSON) in a line."""
        return self.pdf_line.format(number=pdf["quotation_id"], pages=pdf["pages"])


PHRASES: Mapping[Language, Phrases] = {
    "es": Phrases(
        submit_quotation="Cotizar: materiales y PDF",
        submit_bom="Calcular materiales y precio",
        submit_pdf="Generar el PDF de una cotización",
        calculating="calculando los materiales",
        rendering="generando el PDF",
        bom_line="{system}: {panels} paneles, {area} m². Total {currency} {total}, IVA incluido.",
        provisional="Provisional: se supusieron datos que cambian las cantidades.",
        no_price="Sin precio y fuera del total: {kinds}.",
        warnings="Advertencias: {codes}.",
        questions="Para preguntar al cliente: {texts}",
        pdf_line="Cotización {number}, páginas: {pages}.",
        ask_span="¿Cuál es la distancia entre apoyos (luz), en metros? El panel admite hasta {max_span_m} m.",
        ask_structure="¿La estructura es de metal, hormigón o madera?",
        ask_again="No se entiende «{answer}». {question}",
        decimal_mark=",",
        pages={
            "products": "Familias de paneles",
            "family": "Paneles de una familia",
            "accessories": "Accesorios",
            "item": "Un producto",
            "systems": "Sistemas",
            "calculation": "Reglas de cálculo",
            "price_lists": "Listas de precios",
            "price_list": "Una lista de precios",
        },
    ),
    "en": Phrases(
        submit_quotation="Quote: materials and PDF",
        submit_bom="Calculate materials and price",
        submit_pdf="Make a quotation's PDF",
        calculating="calculating the materials",
        rendering="making the PDF",
        bom_line="{system}: {panels} panels, {area} m². Total {currency} {total}, VAT included.",
        provisional="Provisional: values were assumed that change the quantities.",
        no_price="Without a price and not in the total: {kinds}.",
        warnings="Warnings: {codes}.",
        questions="To ask the customer: {texts}",
        pdf_line="Quotation {number}, pages: {pages}.",
        ask_span="How far apart are the supports (span), in metres? The panel carries up to {max_span_m} m.",
        ask_structure="What is the structure made of: metal, hormigon (concrete) or madera (wood)?",
        ask_again="'{answer}' is not understood. {question}",
        decimal_mark=".",
        pages={
            "products": "Panel families",
            "family": "Panels of a family",
            "accessories": "Accessories",
            "item": "A product",
            "systems": "Systems",
            "calculation": "Rules of calculation",
            "price_lists": "Price lists",
            "price_list": "A price list",
        },
    ),
}
