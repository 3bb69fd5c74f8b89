"""A quotation to look at: what a template makes of it shows whether it is right, without a client and a number."""

from mcp_tasks.quotation.document import Language, Quotation

NUMBER = "MUESTRA"


def sample(language: Language) -> Quotation:
    """A roof and its walls with all that is printed only now and then: discount, freight, comments, a revision."""
    return Quotation.model_validate(
        {
            "client": {
                "name": "Cliente de Muestra",
                "address": "Calle del Ejemplo 123",
                "phone": "000 000 000",
                "email": "cliente@example.com",
                "tax_id": "000000000000",
            },
            "title": "Galpón de 5 x 11 m",
            "lines": [
                _line("Techo", "paneles", "ISODEC EPS 100 mm \N{EN DASH} 10 p. de 5,00 m", "m2", 56, "41.15"),
                _line("Techo", "accesorios", "Gotero frontal 100 mm (3,03 m)", "pieza", 4, "15.91"),
                _line("Techo", "fijaciones", 'Tuerca BSW 3/8" galvanizada', "unidad", 128, "0.09"),
                _line("Fachada", "paneles", "ISOPANEL EPS 100 mm \N{EN DASH} 27 p. de 2,50 m", "m2", "76.95", "41.15"),
                _line("Fachada", "fijaciones", "Silicona neutra 600 ml", "pomo", 16, "9.64"),
            ],
            "discount_pct": 5,
            "shipping_usd": 280,
            "prices_include_tax": False,
            "comments": [{"text": "El color rojo demora 20 días más.", "style": "red"}],
            "span_m": "5.5",
            "supports": 3,
            "revision": 2,
            "language": language,
        }
    )


def _line(part: str, section: str, name: str, unit: str, quantity: int | str, unit_price: str) -> dict[str, object]:
    return {
        "part": part,
        "section": section,
        "name": name,
        "unit": unit,
        "quantity": quantity,
        "unit_price": unit_price,
    }
