"""The names of the accounts that an operation changes and leaves, for the page before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from django.contrib.admin import ModelAdmin
from django.contrib.auth import get_user_model

from users.administration.links import person_url
from users.models import UserFSM
from users.operations import Tally

SHOWN = 20
"""The number of accounts that a list shows before it is opened."""

Row = TypeVar("Row")


class Named(NamedTuple):
    """An account in a list."""

    username: str
    url: str
    why: str
    """Why it is left as it is; empty for one that will be changed."""


class Names(NamedTuple):
    """A list that shows its beginning and can be opened."""

    first: Sequence[Any]
    others: Sequence[Any]
    """Those that are shown when the list is opened."""

    more: int
    """The number of those that are not among the first."""

    unnamed: int
    """The number of accounts beyond those that are named."""


def names(rows: Sequence[Row], total: int | None = None) -> Names:
    """Return the list of these rows. They are the first ones of `total`; by default they are all."""
    total = len(rows) if total is None else total
    return Names(rows[:SHOWN], rows[SHOWN:], max(total - SHOWN, 0), max(total - len(rows), 0))


def changed_and_left(model_admin: ModelAdmin[Any], tally: Tally) -> tuple[Names, Names]:
    """Return the accounts that a preview would change, and those that it would leave, in one query."""
    keys = {*tally.to_change, *(pk for pk, _why in tally.named)}
    columns = ("pk", "user_id", f"user__{get_user_model().USERNAME_FIELD}")
    users = {pk: (user, name) for pk, user, name in UserFSM.objects.filter(pk__in=keys).values_list(*columns)}

    def named(pk: Any, why: str = "") -> Named:
        user, username = users[pk]
        return Named(str(username), person_url(model_admin, user), why)

    changed = [named(pk) for pk in tally.to_change if pk in users]
    left = [named(pk, why) for pk, why in tally.named if pk in users]
    return names(changed, tally.changed), names(left, tally.left_in_all)
