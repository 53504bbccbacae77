"""System checks of the tables of states and transitions, which must be complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error

from users import states, transitions
from users.checks.values import Configs
from users.models import UserFSM
from users.states import State

STYLES = Path(__file__).parent.parent / "static/user_lifecycle/states.css"


def check_states_are_described(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E045`: each state must have an entry in `users/states.py`."""
    hint = "Add an entry to ABOUT in users/states.py."
    missing = [state for state in State if state not in states.ABOUT]
    return [Error(f"Nothing is known about the state {state.value!r}", hint=hint, id="users.E045") for state in missing]


def check_states_have_colours(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E046`: each state must have colours in `user_lifecycle/states.css`."""
    coloured = set(re.findall(r"^\.state-([\w-]+) \{ --fg: .*--bg: ", STYLES.read_text(), re.MULTILINE))
    hint = "Add a line with --fg and --bg to users/static/user_lifecycle/states.css."
    missing = [state for state in State if state.value not in coloured]
    return [Error(f"The state {state.value!r} has no colours", hint=hint, id="users.E046") for state in missing]


def check_transitions_are_described(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E047`: `users/transitions.py` must describe all transitions, and each state must be reachable."""
    every = UserFSM.transitions()
    names, described = {each.name for each in every}, set(transitions.ABOUT)
    hint = "Let ABOUT in users/transitions.py have an entry for each transition method of UserFSM."
    messages: list[CheckMessage] = [
        Error(f"The transition {name!r} and its description do not match", hint=hint, id="users.E047")
        for name in sorted(names ^ described)
    ]
    reached = {str(each.target) for each in every} | set(states.INITIAL_STATES)
    hint = "Give UserFSM a transition into it, or remove it from users/states.py."
    return messages + [
        Error(f"No transition leads into the state {state.value!r}", hint=hint, id="users.E047")
        for state in State
        if state.value not in reached
    ]


ALL = (
    check_states_are_described,
    check_states_have_colours,
    check_transitions_are_described,
)
