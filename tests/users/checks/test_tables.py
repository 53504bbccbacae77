"""What is known of states and transitions is complete, and whatever is forgotten is named."""

import pytest

from users import states, transitions
from users.checks import tables
from users.states import State


def ids():
    return [message.id for check in tables.ALL for message in check(None)]


def test_nothing_is_missing():
    assert ids() == []


def test_a_state_of_which_nothing_is_known_is_named(monkeypatch):
    known = {state: about for state, about in states.ABOUT.items() if state != State.LOCKED}
    monkeypatch.setattr(states, "ABOUT", known)

    assert ids() == ["users.E045"]


def test_a_state_without_colours_is_named(monkeypatch, tmp_path):
    styles = tables.STYLES.read_text().replace(".state-locked {", ".state-lokced {")
    (tmp_path / "states.css").write_text(styles)
    monkeypatch.setattr(tables, "STYLES", tmp_path / "states.css")

    assert ids() == ["users.E046"]


@pytest.mark.parametrize("change", [lambda about: about.pop("lock"), lambda about: about.update(lokc=about["lock"])])
def test_a_transition_without_its_description_or_the_other_way_round_is_named(monkeypatch, change):
    described = dict(transitions.ABOUT)
    change(described)
    monkeypatch.setattr(transitions, "ABOUT", described)

    assert ids() == ["users.E047"]


def test_a_method_that_nothing_describes_fails_at_import():
    from users.lifecycle import AccountState, transition

    with pytest.raises(LookupError, match="vanish"):

        @transition(source=State.ACTIVE, target=State.LOCKED)
        def vanish(self: AccountState) -> None:
            """Not described."""
