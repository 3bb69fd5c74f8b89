"""What sellers call things is taken; the schema shows one word for each."""

from collections import Counter
from typing import Any, get_args

import pytest

from mcp_tasks.quotation.request import PanelRequest
from mcp_tasks.quotation.synonyms import OTHER_WORDS
from mcp_tasks.quotation.terms import Colour, Core, Eave, Family, RoofType, Structure, TopEdge, Usage
from mcp_tasks.spelling import folded
from tests.quotation.asking import ROOF, ask, refusal

_CHOICES: dict[str, tuple[str, ...]] = {
    "product_family": get_args(Family),
    "core_type": get_args(Core),
    "usage": get_args(Usage),
    "structure": get_args(Structure),
    "roof_type": get_args(RoofType),
    "top_edge": get_args(TopEdge),
    "eave": get_args(Eave),
    "colour": get_args(Colour),
}


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("product_family", "Isodecs", "ISODEC"),
        ("product_family", "ISO DEC", "ISODEC"),
        ("product_family", "iso-panel", "ISOPANEL"),
        ("product_family", "isopaneles", "ISOPANEL"),
        ("usage", "Cubiertas", "techo"),
        ("usage", "roof", "techo"),
        ("usage", "fachada", "pared"),
        ("usage", "walls", "pared"),
        ("usage", "cámara frigorífica", "camara"),
        ("usage", "cold room", "camara"),
        ("structure", "H°", "hormigon"),
        ("structure", "Hº", "hormigon"),
        ("structure", "concrete", "hormigon"),
        ("structure", "metálica", "metal"),
        ("structure", "hierro", "metal"),
        ("structure", "timber", "madera"),
        ("roof_type", "un agua", "1_agua"),
        ("roof_type", "1-agua", "1_agua"),
        ("roof_type", "dos aguas", "2_aguas"),
        ("roof_type", "two slopes", "2_aguas"),
        ("eave", "Canaleta", "canalon"),
        ("eave", "drip edge", "gotero_frontal"),
        ("eave", "gotero", "gotero_frontal"),
        ("top_edge", "ridge", "cumbrera"),
        ("top_edge", "babeta de adosar", "babeta_adosar"),
        ("top_edge", "ninguna", "none"),
        ("colour", "White", "blanco"),
        ("colour", "gray", "gris"),
        ("colour", "rojos", "rojo"),
    ],
)
def test_plurals_and_other_words_are_taken(field: str, written: str, read: str) -> None:
    assert getattr(ask(ROOF, **{field: written}), field) == read


def test_no_word_means_two_terms() -> None:
    every = {term for terms in _CHOICES.values() for term in terms}
    meanings = Counter(folded(word) for term in every for word in {term, *OTHER_WORDS.get(term, ())})

    assert [word for word, n in meanings.items() if n > 1] == []


def test_other_words_are_only_of_terms_that_requests_have() -> None:
    assert OTHER_WORDS.keys() <= {term for terms in _CHOICES.values() for term in terms}


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("top_edge", "babeta"),
        ("top_edge", "gotero"),
        ("structure", "metal y madera"),
        ("product_family", "isodec eps"),
        ("usage", "isodec"),
        ("colour", "verde"),
    ],
)
def test_what_is_ambiguous_or_unknown_is_answered_with_the_terms(field: str, written: str) -> None:
    assert tuple(refusal(ROOF, **{field: written}).allowed or ()) == _CHOICES[field]


def test_the_schema_shows_the_terms_and_no_other_words() -> None:
    properties: dict[str, Any] = PanelRequest.model_json_schema()["properties"]

    for field, terms in _CHOICES.items():
        shown = properties[field]
        choices = [choice for choice in shown.get("anyOf", [shown]) if "enum" in choice]
        assert [choice["enum"] for choice in choices] == [list(terms)], field
