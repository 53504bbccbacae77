"""What this app says beside django-fsm's own `pre_transition` and `post_transition`."""

from __future__ import annotations

from django.dispatch import Signal

last_known_wanted = Signal()
"""
Sent before state rows are made, for whoever keeps a history of the accounts.

Sender: `UserFSM`. Arguments: `using` (the database's alias) and `user_ids` (a list of keys). A receiver returns a
mapping of the keys that it knows to `users.lifecycle.LastKnown`.
"""

account_began = Signal()
"""
Sent for each account that begins, inside the unit of work that writes its row.

Sender: `UserFSM`. Arguments: `instance` (not saved yet), `now` (`users.lifecycle.Underway`), and the keywords of a
transition: `by`, `description`, `cause`, `details`. A receiver hands over rows by `users.lifecycle.write_along`.
"""

account_ended = Signal()
"""Sent for each account that ends, before its row is deleted, in the same transaction; arguments as `account_began`."""
