"""A price list is read as people write one; what cannot be read says how to write it instead."""

import datetime
import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_tasks.errors import InvalidRequest
from mcp_tasks.quotation.knowledge import SHIPPED
from mcp_tasks.quotation.price_rows import MAX_BYTES, MAX_ROWS, PriceSource, SourceRow, read_source
from mcp_tasks.quotation.price_source import open_source

TWO = (SourceRow(2, "ISDEC100", Decimal("41.15"), "m2"), SourceRow(3, "C.But.", Decimal("14.5"), "rollo"))


def fault(content: bytes, name: str = "list.csv") -> str:
    """Why a file is refused."""
    with pytest.raises(InvalidRequest) as refused:
        read_source(name, content)
    assert refused.value.field == "source"
    return refused.value.message


def rows(text: str) -> tuple[SourceRow, ...]:
    """Those of a table."""
    return read_source("list.csv", text.encode()).rows


@pytest.mark.parametrize(
    "text",
    [
        "sku,price,unit\nISDEC100,41.15,m2\nC.But.,14.50,rollo\n",
        'sku,price,unit\nISDEC100,"41,15",m2\nC.But.,"14,50",rollo\n',
        "Código;Precio;Unidad\r\nISDEC100;41,15;m2\r\nC.But.;14,50;rollo\r\n",
        "CODIGO\tPRECIO USD\tUnid.\nISDEC100\tUSD 41,15\tm2\nC.But.\t14,5 US$\trollo",
        "costo;precio;unit;sku;nota\n20;41.15;m2;ISDEC100;a\n9;14.5;rollo;C.But.;ñ",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_is_read_whatever_its_separator_decimal_mark_and_encoding(text: str, encoding: str) -> None:
    source = read_source("Lista.CSV", text.encode(encoding))

    assert source == PriceSource("Lista.CSV", TWO)


def test_titles_above_the_header_and_empty_lines_are_passed_over() -> None:
    assert rows("Lista de agosto;;\n;;\n\nsku;price;unit\n\nISDEC100;41,15;m2\n;;\n") == (
        SourceRow(6, "ISDEC100", Decimal("41.15"), "m2"),
    )


@pytest.mark.parametrize("price", ["", "consultar", "1.234,56", "1e3", "41,15,", "€ 41", "٤١", "nan", "--5"])
def test_a_price_that_is_no_plain_number_is_no_price(price: str) -> None:
    assert rows(f"sku;price\nISDEC100;{price}") == (SourceRow(2, "ISDEC100", None),)


def test_a_number_that_the_separator_tore_apart_is_no_price() -> None:
    assert rows("sku,price\nISDEC100,41,15") == (SourceRow(2, "ISDEC100", None),)


def test_a_line_of_another_separator_is_no_price_and_tells_nothing_of_its_other_columns() -> None:
    assert rows("sku,price,cost\nISDEC100;41.15;30.1234\n") == (SourceRow(2, "ISDEC100", None),)


def test_an_sku_that_is_no_word_is_none() -> None:
    content = b'[{"sku": {"code": "ISDEC100", "cost": 30.1234}, "price": 41.15}]'

    assert read_source("list.json", content).rows == (SourceRow(1, "", Decimal("41.15")),)


def test_a_list_in_our_own_shape_brings_its_date_and_its_tax() -> None:
    source = read_source("bmc-2026-08.json", (SHIPPED / "price-lists" / "bmc-2026-08.json").read_bytes())

    assert (source.date, source.tax_included, len(source.rows)) == (datetime.date(2026, 8, 15), False, 127)
    assert source.rows[0] == SourceRow(1, "ISDEC100", Decimal("41.15"), "m2")
    assert sum(row.estimated for row in source.rows) == 4


def test_rows_alone_say_nothing_of_date_and_tax_and_other_fields_are_not_read() -> None:
    content = json.dumps([{"sku": 6805, "price": "15,5", "cost": 3}, {"sku": "IF40", "price": 1.1}])

    assert read_source("rows.json", content.encode("utf-8-sig")) == PriceSource(
        "rows.json", (SourceRow(1, "6805", Decimal("15.5")), SourceRow(2, "IF40", Decimal("1.1")))
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no line of it names the columns"),
        (b"sku;costo\nISDEC100;20", "no line of it names the columns sku and price"),
        (b"sku;price\n", "there is no row"),
        (b"sku;price;precio\nISDEC100;1;2", "two columns for price"),
        ("sku;price\nISDEC100;1".encode("utf-16"), "save it as CSV UTF-8"),
        (b'sku;price\n"' + b"x" * 200_000, "it is not a table of text"),
        (b'sku,price,cost\n"ISDEC100,41.15,30.1\nISDEC150,50,32\n', "it is not a table of text"),
        (b"x" * (MAX_BYTES + 1), "longer than 2,000,000 bytes"),
        (b"sku;price\n" + b"A;1\n" * (MAX_ROWS + 1), "more than 5,000 rows"),
    ],
)
def test_a_table_that_cannot_be_read_says_what_to_do(content: bytes, said: str) -> None:
    assert said in fault(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff", "not JSON in UTF-8"),
        (b"{}", "needs rows"),
        (b"7", "needs rows"),
        (b"[]", "there is no row"),
        (b"[1]", "row 1 is not an object"),
        (b'{"rows": [{}], "tax_included": "si"}', "neither true nor false"),
        (b'{"rows": [{}], "tax_included": 1}', "neither true nor false"),
        (b'{"rows": [{}], "currency": "UYU"}', "currency is not USD"),
        (b'{"rows": [{}], "tax_rate": "0.10"}', "tax_rate is not 0.22"),
        (b'{"rows": [{}], "date": "15/8/2026"}', "not written as 2026-08-15"),
        (b'{"rows": [{"sku": "A", "price": 1, "price": 2}]}', "a name twice in one object"),
        (b'{"rows": [{}], "rows": []}', "a name twice in one object"),
        (
            b'{"rows": [{"sku": "A", "price": 1, "estimated": "true"}]}',
            "row 1: its estimated is neither true nor false",
        ),
    ],
)
def test_json_that_cannot_be_read_says_what_to_do(content: bytes, said: str) -> None:
    assert said in fault(content, "list.json")


TABLES_OF_NOISE = st.text(alphabet="\"';,\t\r\n aé0.,-").map(lambda noise: f"sku;price;unit\n{noise}".encode())
KEYS = st.sampled_from(["sku", "price", "unit", "rows", "date", "tax_included"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.sampled_from(["list.csv", "list.json"]), st.binary() | TABLES_OF_NOISE)
def test_whatever_is_in_a_file_it_is_read_or_refused(name: str, content: bytes) -> None:
    with suppress(InvalidRequest):
        assert read_source(name, content).rows


@given(st.lists(st.dictionaries(KEYS, JSON), min_size=1) | JSON)
@example([{"sku": "half a letter: \ud800", "price": 1, "unit": "\ud800"}])
def test_whatever_json_says_it_is_read_as_text_that_can_be_stored_or_refused(said: object) -> None:
    with suppress(InvalidRequest):
        source = read_source("list.json", json.dumps(said).encode())
        assert all((row.sku + row.unit).encode().decode() == row.sku + row.unit for row in source.rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of price files, beside what is nobody's business."""
    folder = tmp_path / "prices"
    (folder / "2026").mkdir(parents=True)
    (folder / "august.csv").write_text("sku;price\nISDEC100;1", encoding="utf-8")
    (folder / "2026" / "september.json").write_text('[{"sku": "ISDEC100", "price": 1}]', encoding="utf-8")
    (folder / "notes.md").write_text("sku;price\nISDEC100;1", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("sku;price\nISDEC100;1", encoding="utf-8")
    return folder


def test_files_of_the_folder_are_read_and_so_are_those_below_it(folder: Path) -> None:
    assert len(open_source(folder, "august.csv").rows) == 1
    assert len(open_source(folder, "2026/september.json").rows) == 1


@pytest.mark.parametrize("name", ["./august.csv", "august.csv/", ".//august.csv"])
def test_a_file_has_one_name_however_it_is_written(folder: Path, name: str) -> None:
    assert open_source(folder, name) == open_source(folder, "august.csv")


@pytest.mark.parametrize(
    "name", ["../secret.csv", "2026/../../secret.csv", "..", ".", "2026", "notes.md", "link.csv", "a\0.csv", "nope.csv"]
)
def test_what_is_not_a_price_file_of_the_folder_is_refused_with_those_there_are(folder: Path, name: str) -> None:
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    for path in (name, str(folder.parent / "secret.csv")):
        with pytest.raises(InvalidRequest) as refused:
            open_source(folder, path)
        assert (refused.value.field, refused.value.allowed) == ("source", ["august.csv"])


def test_a_link_within_the_folder_may_be_read(folder: Path) -> None:
    (folder / "newest.csv").symlink_to(folder / "august.csv")

    assert len(open_source(folder, "newest.csv").rows) == 1


def test_a_slip_of_the_pen_gets_the_nearest_file(folder: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        open_source(folder, "agust.csv")
    assert refused.value.nearest == "august.csv"
    assert refused.value.message == (
        "source: 'agust.csv' is not a file in the server's folder of price files (MCP_TASKS_PRICE_SOURCE_DIR): "
        "it has august.csv"
    )


def test_a_folder_that_is_not_there_is_one_without_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="it has none") as refused:
        open_source(tmp_path / "nowhere", "august.csv")
    assert refused.value.allowed is None
