"""The signals of this app, beside django-fsm's `pre_transition` and `post_transition`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.dispatch import Signal

last_known_wanted = Signal()
"""
Sent before state rows are created, to the app that keeps the history of accounts.

Sender: `UserFSM`. Arguments: `using` (the database's alias) and `user_ids` (a list of keys). A receiver returns a
mapping of the keys it knows to `users.lifecycle.LastKnown`.
"""

account_began = Signal(use_caching=True)
"""
Sent for each new account, inside the unit of work that writes its row.

Sender: `UserFSM`. Arguments: `instance` (not saved yet), `now` (`users.lifecycle.Underway`), and the keywords of a
transition: `by`, `description`, `cause`, `details`. A receiver hands over rows with `users.lifecycle.write_along`.
"""

account_ended = Signal()
"""Sent before the row of an account is deleted, in the same transaction, with the arguments of `account_began`."""

state_since_wanted = Signal()
"""
Sent before accounts are described to a client of the API, to the app that keeps their history.

Sender: `UserFSM`. Arguments: `using` and `user_ids`. A receiver returns a mapping of the keys it knows to `StateSince`.
"""


class StateSince(NamedTuple):
    """Since when an account is in its state, and why."""

    since: datetime
    cause: str
    reason: str


work_is_due = Signal()
"""
Sent by `manage.py run_due` after its own work, to apps with scheduled work of their own.

Sender: the command's class. A receiver returns `Done`.
"""


class Done(NamedTuple):
    """The scheduled work that an app did, for the report of `manage.py run_due`."""

    name: str
    """The name of the work in the JSON object."""

    text: str
    facts: Mapping[str, Any]


actor_wanted = Signal()
"""
Sent when something other than a transition needs the name of its actor, to the app that knows the context.

Arguments: `by`. A receiver returns an object with `name`, `kind` (`users.actors.ActorKind`) and `user_id`.
"""

scheduling_changed = Signal()
"""
Sent when a change was scheduled, and when a scheduled one was made, refused or cancelled, in the same transaction.

Sender: `ScheduledChange`. Arguments: `change` (saved; `outcome` is `pending` for a new one), and `by` and `details` of
the call.
"""

transitions_refused = Signal()
"""
Sent when a transition of some accounts was refused; nothing was changed.

Sender: `UserFSM`. Arguments: `refusals` (a sequence of `users.lifecycle.Refusal`), `transition` (its name), `reason`
(`users.lifecycle.RefusalReason`), `using`, and `by` and `description` of the call. For a refusal by the state it is
sent when the transaction of the unit of work is over; the caller's own may go on.
"""
