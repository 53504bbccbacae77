"""
The only writer of an account's state: one transition or many, as one unit of work (see `users.lifecycle.unit`).

`UserFSM` builds on `AccountState` and `transition`. Receivers of django-fsm's signals
call `underway` and `write_along`.
"""

from users.lifecycle.account import AccountState
from users.lifecycle.bulk import Refusal, perform_on_batch
from users.lifecycle.single import perform
from users.lifecycle.transition import transition
from users.lifecycle.unit import Underway, underway, write_along

__all__ = [
    "AccountState",
    "Refusal",
    "Underway",
    "perform",
    "perform_on_batch",
    "transition",
    "underway",
    "write_along",
]
