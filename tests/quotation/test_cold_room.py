"""Cold rooms: BOM specification, section 5."""

from decimal import Decimal

from tests.quotation.asking import ROOM, bom, codes, quantities, warned


def test_four_walls_and_the_ceiling_come_from_one_request() -> None:
    answer = bom(ROOM)

    assert answer.system == "camara_isofrig_pir"
    assert answer.panel_count == 13 + 3
    assert answer.panel_area_m2 == Decimal("48.95")
    assert answer.joint_m == 80
    assert quantities(answer)["esquinero_exterior"] == 4
    assert quantities(answer)["remache_pop"] == 32
    assert answer.status == "final"


def test_the_line_of_the_panels_says_those_of_the_walls_and_those_of_the_ceiling() -> None:
    (panels,) = [line for line in bom(ROOM).lines if line.kind == "panel"]

    assert (panels.panels, panels.length_m) == (16, None)
    assert [(piece.panels, piece.length_m) for piece in panels.pieces] == [(13, Decimal("2.5")), (3, Decimal(4))]


def test_a_room_as_high_as_it_is_long_has_panels_of_one_length() -> None:
    (panels,) = [line for line in bom(ROOM, length_m=3, height_m="3.0").lines if line.kind == "panel"]

    assert (panels.panels, panels.length_m, panels.pieces) == (14, 3, ())


def test_an_open_height_is_three_metres_declared() -> None:
    answer = bom(ROOM, height_m=None)

    assert answer.lines == bom(ROOM, height_m=3).lines
    assert [(a.field, a.value) for a in answer.assumptions] == [("height_m", "3")]
    assert answer.questions[0].field == "height_m"
    assert answer.status == "provisional"


def test_door_and_floor_are_always_named_as_missing() -> None:
    assert codes(bom(ROOM)) == ["door_and_floor_not_included"]


def test_a_ceiling_on_concrete_is_left_to_a_technician_and_takes_no_t2() -> None:
    answer = bom(ROOM, structure="hormigon")

    assert codes(answer) == ["door_and_floor_not_included", "ceiling_fixing_undefined_for_hormigon"]
    assert "tornillo_t2" not in quantities(answer)


def test_walls_and_ceiling_are_both_held_against_the_lengths_that_are_made() -> None:
    assert warned(bom(ROOM, length_m=15), "panel_longer_than_max").data["length_m"] == "15"
    assert warned(bom(ROOM, height_m=2), "panel_shorter_than_min").data["length_m"] == "2"
    assert codes(bom(ROOM, length_m=2, height_m=2)).count("panel_shorter_than_min") == 1
