"""The states an account can be in, and all that is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The state of a user account. Its label is what pages show; its colours stand in `user_lifecycle/states.css`."""

    INVITED = "invited", _("Invited")
    """The account exists, but the person has not accepted the invitation yet."""

    ACTIVE = "active", _("Active")
    """The person may log in. The only state in which ``is_active`` is true."""

    LOCKED = "locked", _("Locked")
    """Closed for a while, by failed logins or by an administrator."""

    DEACTIVATED = "deactivated", _("Deactivated")
    """Closed until somebody reactivates it."""


class About(NamedTuple):
    """What is known of a state beside its name and label."""

    is_open: bool
    """Whether the person may log in; transitions out of such a state into another shut the account."""

    new_users_may_start_here: bool
    """Whether `USERS_INITIAL_STATE` may name it."""


ABOUT: Mapping[State, About] = {
    State.INVITED: About(is_open=False, new_users_may_start_here=True),
    State.ACTIVE: About(is_open=True, new_users_may_start_here=True),
    State.LOCKED: About(is_open=False, new_users_may_start_here=False),
    State.DEACTIVATED: About(is_open=False, new_users_may_start_here=False),
}
"""One entry for each state; `users.E045` says where one is missing."""

INITIAL_STATES = tuple(state for state, about in ABOUT.items() if about.new_users_may_start_here)
