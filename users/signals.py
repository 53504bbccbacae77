"""What this app says beside django-fsm's own `pre_transition` and `post_transition`."""

from __future__ import annotations

from django.dispatch import Signal

last_known_wanted = Signal()
"""
Sent before state rows are made, for whoever keeps a history of the accounts.

Sender: `UserFSM`. Arguments: `using` (the database's alias) and `user_ids` (a list of keys). A receiver returns a
mapping of the keys that it knows to `LastKnown`; those rows go on from there and do not start anew.
"""
