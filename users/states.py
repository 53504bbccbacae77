"""The states of an account, and everything that is known about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The state of a user account. Pages show its label; its colours are in `user_lifecycle/states.css`."""

    INVITED = "invited", _("Invited")
    """The account exists, but the person has not accepted the invitation yet."""

    ACTIVE = "active", _("Active")
    """The person may log in. The only state in which `is_active` is true."""

    LOCKED = "locked", _("Locked")
    """Closed for a while, by failed logins or by an administrator."""

    DEACTIVATED = "deactivated", _("Deactivated")
    """Closed until somebody reactivates it."""


class About(NamedTuple):
    """Everything about a state except its name and label."""

    is_open: bool
    """Whether the person may log in. A transition from such a state to another kind closes the account."""

    new_users_may_start_here: bool
    """Whether it can be the `USERS_INITIAL_STATE`."""


ABOUT: Mapping[State, About] = {
    State.INVITED: About(is_open=False, new_users_may_start_here=True),
    State.ACTIVE: About(is_open=True, new_users_may_start_here=True),
    State.LOCKED: About(is_open=False, new_users_may_start_here=False),
    State.DEACTIVATED: About(is_open=False, new_users_may_start_here=False),
}
"""One entry for each state; `users.E045` reports a missing one."""

INITIAL_STATES = tuple(state for state, about in ABOUT.items() if about.new_users_may_start_here)
