from typing import Any

import pytest
from pydantic import ValidationError

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.document import MAX_LINES, Client, Quotation, QuotationLine
from mcp_tasks.repair import invalid_request
from tests.quotation.quotations import line, quotation


def refusal(**changes: Any) -> InvalidRequest:
    with pytest.raises(ValidationError) as caught:
        quotation(**changes)
    return invalid_request(caught.value, {name: field.annotation for name, field in Quotation.model_fields.items()})


def test_a_line_total_is_quantity_times_price_rounded_half_up_to_the_cent() -> None:
    assert str(QuotationLine(**line(quantity="2.5", unit_price="0.33")).amount) == "0.83"
    assert str(QuotationLine(**line(quantity="1.125", unit_price="0.04")).amount) == "0.05"


def test_a_given_total_that_is_right_is_taken_however_it_is_written() -> None:
    for total in ("109.32", "109,32", 109.32):
        assert QuotationLine(**line(quantity=4, unit_price="27.33", total=total)).total is not None


def test_a_given_total_that_is_wrong_is_refused_with_the_line_and_the_right_total() -> None:
    error = refusal(lines=[line(), line(name="Cumbrera", quantity=4, unit_price="27.33", total="109.33")])
    assert error.field == "lines.1.total"
    assert "'Cumbrera' is 109.32 (4 x 27.33 = 109.32), not 109.33" in error.message


def test_a_name_of_ten_thousand_characters_is_refused_and_the_bound_is_told() -> None:
    error = refusal(client={"name": "x" * 10_000})
    assert error.field == "client.name"
    assert "at most 300 characters" in error.message
    assert len(str(error.received)) <= 200


def test_control_and_invisible_characters_are_cleaned_out_of_texts() -> None:
    client = Client(name=" Ana\x00 \x1b[1m\tde\r\n los\u202e Ángeles\u200b\ud800 \ufeff")
    assert client.name == "Ana [1m de los Ángeles"


def test_accents_typed_as_separate_marks_become_one_character() -> None:
    assert Client(name="Jose\u0301").name == "José"


def test_a_name_without_a_visible_character_is_refused() -> None:
    assert refusal(client={"name": " \u200b\x07 "}).field == "client.name"


def test_a_blank_optional_text_is_an_absent_one() -> None:
    client = Client(name="Ana", phone="", address="  ", email="\t", tax_id=None)
    assert (client.phone, client.address, client.email, client.tax_id) == (None, None, None, None)


def test_an_unknown_field_of_the_client_is_refused_with_the_one_that_was_meant() -> None:
    error = refusal(client={"name": "Ana", "telephone": "099"})
    assert (error.field, error.nearest) == ("client.telephone", "phone")


def test_section_and_style_are_taken_in_any_spelling_of_case_and_spaces() -> None:
    taken = quotation(lines=[line() | {"section": " Fijaciones "}], comments=[{"text": "x", "style": "Bold-Red"}])
    assert taken.lines[0].section == "fijaciones"
    assert taken.comments is not None
    assert taken.comments[0].style == "bold_red"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("lines", []),
        ("lines", [line()] * (MAX_LINES + 1)),
        ("lines.0.quantity", [line(quantity=0)]),
        ("lines.0.quantity", [line(quantity="1e3")]),
        ("lines.0.quantity", [line(quantity="0.0001")]),
        ("lines.0.unit_price", [line(unit_price="-1")]),
        ("lines.0.unit_price", [line(unit_price=float("nan"))]),
        ("lines.0.section", [line() | {"section": "paneles y mas"}]),
        ("discount_pct", "100.01"),
        ("shipping_usd", "-1"),
        ("span_m", "101"),
        ("supports", "2.5"),
        ("date", "23/11/2026"),
        ("date", "9999-12-31"),
        ("quotation_id", "../../Q"),
        ("currency", "EUR"),
        ("comments", [{"text": "x"}] * 31),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_its_field(field: str, wrong: Any) -> None:
    assert refusal(**{field.partition(".")[0]: wrong}).field == field


def test_prices_without_a_word_about_tax_are_refused() -> None:
    with pytest.raises(ValidationError, match="prices_include_tax"):
        Quotation.model_validate({"client": {"name": "Ana"}, "lines": [line()]})


def test_a_quotation_that_went_through_json_is_the_same() -> None:
    sent = quotation(date="2026-11-23", span_m="6,5", supports="3", discount_pct=5, quotation_id="Q-2026-0001")
    assert Quotation.model_validate_json(sent.model_dump_json()) == sent
