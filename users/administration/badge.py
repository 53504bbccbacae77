"""The state of an account as a coloured badge with its text; the colours are in `user_lifecycle/states.css`."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from users.database import local_time
from users.models import UserFSM
from users.states import State


def badge(fsm: UserFSM) -> SafeString:
    """Return a badge for a list or a page. If the lock has an end, it says how long the lock still lasts."""
    shown = state_badge(State(fsm.current_state))
    if fsm.locked_until is None:
        return shown
    until = date_format(local_time.local(fsm.locked_until), "DATETIME_FORMAT")
    if fsm.lock_has_expired:
        left = _("expires at the next login")
    else:
        left = _("%(time)s left") % {"time": timeuntil(fsm.locked_until, depth=1)}
    return format_html('{} <small class="state-until" title="{}">{}</small>', shown, until, left)


def state_badge(state: str) -> SafeString:
    """Return a badge for the state alone. Before a birth and after a death there is no state, and the badge says so."""
    if state not in State.values:
        return format_html('<span class="state-badge state-none">{}</span>', state or _("No account"))
    return format_html('<span class="state-badge state-{}">{}</span>', state, State(state).label)
