"""
The only writer of an account's state. One transition or many are a unit of work (see `users.lifecycle.unit`).

`UserFSM` builds on `AccountState` and `transition`. Receivers of transitions call `underway`, `write_along` and
`finish_with`.
"""

from users.lifecycle import assignment
from users.lifecycle.account import AccountState
from users.lifecycle.birth import LastKnown, Start, begin, beginning
from users.lifecycle.bulk import perform_on_batch
from users.lifecycle.death import end, ending
from users.lifecycle.refusal import Refusal, RefusalReason, refused
from users.lifecycle.row_values import RowValues
from users.lifecycle.single import perform, perform_if
from users.lifecycle.transition import transition, with_fit_words
from users.lifecycle.unit import Underway, finish_with, underway, whole_milliseconds, write_along

__all__ = [
    "AccountState",
    "LastKnown",
    "Refusal",
    "RefusalReason",
    "RowValues",
    "Start",
    "Underway",
    "assignment",
    "begin",
    "beginning",
    "end",
    "ending",
    "finish_with",
    "perform",
    "perform_if",
    "perform_on_batch",
    "refused",
    "transition",
    "underway",
    "whole_milliseconds",
    "with_fit_words",
    "write_along",
]
