"""`mcp-tasks kb`: the catalog and the prices are checked, taken over, listed and put back from the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Said, mcp_tasks
from tests.quotation.changing import make_older
from tests.quotation.damaging import LIST, copy, put
from tests.quotation.published_kb.publishing import REAL, needs_the_real_files, panel, piece, publish

TWICE = [panel("IW50", "ISOWALL PIR 50 mm", 60.1), panel("IW50_2", "ISOWALL PIR 50 mm", 58.2)]


def kb(data: Path, *arguments: str | Path) -> Said:
    return mcp_tasks("kb", *arguments, "--data-dir", data)


def test_what_is_quoted_from_is_checked_without_more_words(tmp_path: Path) -> None:
    said = kb(tmp_path, "validate")

    assert (said.code, said.err) == (0, "")
    assert "WARNING price_not_rising (15)" in said.out
    assert "  and 10 more: --all" in said.out
    assert "Checked version 0, which is quoted from: no errors, " in said.out
    assert list(tmp_path.iterdir()) == []
    assert "more: --all" not in kb(tmp_path, "validate", "--all").out


def test_a_folder_with_errors_is_told_with_their_places_and_exit_code_1(tmp_path: Path) -> None:
    folder = copy(tmp_path / "knowledge")
    put(folder / LIST, "rows.17.price", "0")
    put(folder / LIST, "rows.18.price", "free \x1b[2J")

    said, asked = kb(tmp_path, "validate", folder), kb(tmp_path, "validate", folder, "--json")

    assert said.code == asked.code == 1
    assert f"{LIST}#rows.17.price" in said.out
    assert "\x1b" not in said.out
    assert (asked.json["status"], asked.json["counts"]["price_not_positive"]) == ("errors", 1)


def test_a_folder_of_the_published_shape_is_checked_as_that(tmp_path: Path) -> None:
    asked = kb(tmp_path, "validate", publish(tmp_path / "files", panels=TWICE), "--json")

    assert asked.code == 1
    assert asked.json["counts"]["price_conflict"] == 1


def test_an_import_says_what_it_took_and_what_a_person_must_decide(tmp_path: Path) -> None:
    files = publish(tmp_path / "files", panels=[*TWICE, panel()])

    dry = kb(tmp_path, "import", files, "--dry-run")
    assert dry.code == 0
    assert "Price list published-2026-03 of 2026-03-02, tax included: 2 prices taken, 1 undecided," in dry.out
    assert '--decisions: {"IW50": "bromyros_pricing_master.json#data.products.0"}' in dry.out
    assert "Against bmc-2026-02 of 2026-02-11: 2 prices, median change -6.3 %, 1 changes by more than 20 %." in dry.out
    assert "Nothing was changed (--dry-run)." in dry.out
    assert "what the package ships" in kb(tmp_path, "history").out.splitlines()[1]

    done = kb(tmp_path, "import", files)
    assert "Published as version 1. To undo it: mcp-tasks kb rollback" in done.out
    assert "price list published-2026-03" in kb(tmp_path, "history").out.splitlines()[1]

    back = kb(tmp_path, "rollback")
    assert back.out == "Version 2 is now quoted from: back to version 0.\n"
    versions = kb(tmp_path, "history", "--json").json
    assert [version["number"] for version in versions] == [2, 1]


def test_what_was_decided_is_taken_under_the_id_that_was_given(tmp_path: Path) -> None:
    files, decisions = publish(tmp_path / "files", panels=TWICE), tmp_path / "decisions.json"
    decisions.write_text(json.dumps({"IW50": "bromyros_pricing_master.json#data.products.1"}))

    said = kb(tmp_path, "import", files, "--decisions", decisions, "--as-list", "march", "--json")

    assert said.code == 0
    prices = said.json["prices"]
    assert (said.json["version"], prices["id"], said.json["undecided"]) == (1, "march", [])
    assert [(row["sku"], row["price"]) for row in prices["rows"]] == [("IW50", "58.2"), ("6842", "20.0")]


def test_nothing_to_take_is_exit_code_1_and_changes_nothing(tmp_path: Path) -> None:
    said = kb(tmp_path, "import", publish(tmp_path / "files", panels=[], pieces=[piece("X", "Escalera")]))

    assert said.code == 1
    assert said.out.endswith("Nothing was changed.\n")
    assert kb(tmp_path, "history", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-list", "bmc-2026-08"], "there is a price list bmc-2026-08 already"),
        (["--as-list", "../x"], "the id of a list is"),
        (["--decisions", "list.json"], 'list.json: the file: Input should be a valid dictionary; write {"SKU"'),
        (["--decisions", "number.json"], "number.json: ISDEC100: Input should be a valid string"),
        (["--decisions", "twice.json"], "'ISDEC100' stands twice in one object"),
        (["--decisions", "torn.json"], "torn.json: the file is not JSON"),
        (["--decisions", "wrong.json"], "decisions: 'BROMPLAST' is no SKU of the catalog; did you mean Bromplast?"),
    ],
)
def test_what_was_asked_wrongly_is_one_line_with_exit_code_2(
    tmp_path: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "list": "[]",
        "number": '{"ISDEC100": 5}',
        "twice": '{"ISDEC100": "a", "ISDEC100": null}',
        "torn": "{",
        "wrong": '{"BROMPLAST": null}',
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(content)

    said = kb(tmp_path / "data", "import", publish(tmp_path / "files"), *arguments)

    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert said.err.count("\n") == 1


def test_where_nothing_was_changed_there_is_nothing_to_roll_back(tmp_path: Path) -> None:
    said = kb(tmp_path, "rollback")

    assert said.code == 2
    assert "no earlier version" in said.err


def test_newer_data_of_the_package_are_told_until_they_are_taken_over(tmp_path: Path) -> None:
    kb(tmp_path, "import", publish(tmp_path / "files"))
    assert "hides" not in kb(tmp_path, "history").out
    make_older(tmp_path / "knowledge" / "versions" / "000001")

    assert "WARNING package_has_changed (1)" in kb(tmp_path, "validate").out
    assert "what the package ships: newer than version 1 was made from, which hides it" in kb(tmp_path, "history").out

    kb(tmp_path, "rollback")
    assert "package_has_changed" not in kb(tmp_path, "validate").out
    assert "hides" not in kb(tmp_path, "history").out


@needs_the_real_files
def test_the_published_files_are_taken_over_as_far_as_they_are_clear(tmp_path: Path) -> None:
    said = kb(tmp_path, "import", REAL)

    assert said.code == 0
    assert "106 prices taken, 2 undecided, 19 not there." in said.out
    assert kb(tmp_path, "validate", "--json").json["errors"] == 0
