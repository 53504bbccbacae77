"""The picture of the lifecycle, drawn from the transitions of the code."""

import re
import xml.etree.ElementTree as ET

import pytest
from django_fsm import Transition

from users.administration.diagram import draw, draw_for_screens
from users.models import UserFSM
from users.states import State

SVG = "{http://www.w3.org/2000/svg}"


def parsed(**options):
    return ET.fromstring(draw(options.pop("transitions", UserFSM.transitions()), **options))  # noqa: S314 - our own


def groups(picture, kind):
    return [each for each in picture.iter(f"{SVG}g") if kind in each.get("class").split()]


def texts(groups):
    return [" ".join("".join(each.itertext()).split()) for each in groups]


def test_every_state_and_every_transition_of_the_code_is_in_the_picture():
    picture = parsed()

    assert sorted(texts(groups(picture, "state"))) == sorted(State.values)
    assert sorted(texts(groups(picture, "arrow"))) == sorted(each.name for each in UserFSM.transitions())


@pytest.mark.parametrize("state", State)
def test_the_current_state_is_marked_with_the_ways_out_of_it(state):
    picture = parsed(current=state)

    (current,) = groups(picture, "current")
    assert texts([current]) == [state.value]
    ways_out = sorted(each.name for each in UserFSM.transitions() if each.source == state)
    assert sorted(texts(groups(picture, "open"))) == ways_out
    assert state.value in picture.get("aria-label")


def test_a_new_state_in_the_code_finds_its_place():
    def archive():
        pass

    archived = Transition(archive, "deactivated", "archived", None, None, None, None)
    picture = parsed(transitions=[*UserFSM.transitions(), archived])

    boxes = {
        text: box.find(f"{SVG}rect").attrib
        for text, box in zip(texts(groups(picture, "state")), groups(picture, "state"), strict=True)
    }
    assert "archived" in boxes
    assert len({(box["x"], box["y"]) for box in boxes.values()}) == len(State) + 1


def test_numbers_stand_on_states_and_arrows_with_links_to_what_is_behind_them():
    picture = parsed(
        numbers={"locked": 12_345, ("active", "lock"): 7, ("locked", "deactivate"): 0},
        links={"locked": "/list/?state=locked", ("active", "lock"): "/records/"},
    )

    assert "locked 12,345" in texts(groups(picture, "state"))
    assert "lock 7" in texts(groups(picture, "arrow"))
    assert texts(groups(picture, "arrow")).count("deactivate 0") == 1
    assert {link.get("href") for link in picture.iter(f"{SVG}a")} == {"/list/?state=locked", "/records/"}


def width_and_height(picture):
    return [float(number) for number in picture.get("viewBox").split()[2:]]


def test_an_upright_picture_shows_the_same_on_a_phone():
    wide, upright = parsed(), parsed(upright=True)

    assert sorted(texts(groups(upright, "state"))) == sorted(texts(groups(wide, "state")))
    assert sorted(texts(groups(upright, "arrow"))) == sorted(texts(groups(wide, "arrow")))
    assert width_and_height(wide)[0] > 2 * width_and_height(wide)[1]
    assert width_and_height(upright)[0] < 450  # at 300 pixels, its text of 15 units has 10 pixels


def test_both_pictures_on_a_page_have_arrowheads_of_their_own():
    page = draw_for_screens(UserFSM.transitions())

    heads = re.findall(r'<marker id="([^"]+)"', page)
    assert len(set(heads)) == len(heads) == 4
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(heads)


def test_texts_are_escaped():
    assert "<b>" not in draw(UserFSM.transitions(), labels={"locked": "<b>"})


def test_a_picture_that_stands_alone_carries_its_colours():
    assert parsed().find(f"{SVG}style") is None
    assert "light-dark(" in parsed(standalone=True).find(f"{SVG}style").text


def test_the_same_code_gives_the_same_picture():
    assert draw(UserFSM.transitions()) == draw(UserFSM.transitions())
