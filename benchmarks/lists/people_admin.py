"""The admin's list of a hundred thousand people, and one action on all that a search finds in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from benchmarks.accounts import history
from benchmarks.measuring.harness import MILLISECONDS, Result, contest, hand_in, statements
from benchmarks.measuring.pages import open_page
from benchmarks.measuring.processes import apart
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet
from users.states import State

LIST = "/admin/auth/user/"
FOUND = "person-1"
"""What is searched for: of a hundred thousand names it finds every ninth."""

FIRST, MIDDLE = "first page", "a page in the middle"
PAGES: dict[str, dict[str, Any]] = {
    FIRST: {},
    MIDDLE: {},
    "only locked": {"state": "locked"},
    "locked by an administrator": {"lock": "manual"},
    "changed within 30 days": {"since": 30},
    "search": {"q": FOUND},
}
ROUNDS = 7
BULK, ACTION = "bulk_transition", "the admin's action"
ACTION_ROUNDS = 7


def main() -> None:
    apart(history.fill)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="root"))
    hand_in([pages(client)])
    hand_in([action(client)])


def pages(client: Client) -> Result:
    """Each page in turns, and what an action asks before it begins."""
    contestants: dict[str, Callable[[], None]] = {
        name: partial(open_page, client, f"{LIST}?{urlencode(query)}")
        for name, query in (PAGES | {MIDDLE: {"after": in_the_middle()}}).items()
    }
    contestants["the question before an action on all found"] = partial(asking, client, "unlock", State.LOCKED)
    return Result(
        title=f"The admin's list of {history.PEOPLE:,} people",
        database=connection.vendor,
        unit="page",
        measure=MILLISECONDS,
        against=FIRST,
        **contest(contestants, rounds=ROUNDS, calls=1, measure=MILLISECONDS),
        rounds=ROUNDS,
        statements={name: statements(call) for name, call in contestants.items()},
    )


def in_the_middle() -> int:
    """The key of the person in the middle of the list."""
    return int(User.objects.order_by("username").values_list("pk", flat=True)[history.PEOPLE // 2])


def action(client: Client) -> Result:
    """All that the search finds unlocked and locked again, by an action and by `bulk_transition`."""
    by_bulk("lock", State.ACTIVE)  # so that all can go there and back
    number = found(State.LOCKED).count()
    contestants: dict[str, Callable[[], None]] = {
        BULK: partial(there_and_back, by_bulk, number),
        ACTION: partial(there_and_back, partial(by_action, client), number),
    }
    return Result(
        title=f"An action on all {number:,} people that a search finds",
        database=connection.vendor,
        unit="person",
        against=BULK,
        **contest(contestants, rounds=ACTION_ROUNDS, calls=1, units=2 * number),
        rounds=ACTION_ROUNDS,
    )


def there_and_back(move: Callable[[str, State], None], number: int) -> None:
    """Unlock and lock all; raises `RuntimeError` where not everybody was moved."""
    for name, source, target in (("unlock", State.LOCKED, State.ACTIVE), ("lock", State.ACTIVE, State.LOCKED)):
        move(name, source)
        if found(target).count() != number:
            raise RuntimeError(f"{name}: not everybody was moved")


def by_bulk(name: str, source: State) -> None:
    """As code does it."""
    found(source).bulk_transition(name, by="system", description="a measure")


def by_action(client: Client, name: str, source: State) -> None:
    """As an administrator does it, who is asked and confirms."""
    asking(client, name, source)
    asking(client, name, source, confirmed=found(source).count(), own_words="a measure")


def asking(client: Client, name: str, source: State, **confirmation: Any) -> None:
    """Post an action on all that the search finds in this state."""
    chosen = {"action": name, "select_across": 1, "_selected_action": found(source).values_list("user", flat=True)[0]}
    address = f"{LIST}?{urlencode({'q': FOUND, 'state': source.value})}"
    response = client.post(address, chosen | confirmation, secure=True)
    if response.status_code != (302 if confirmation else 200):
        raise RuntimeError(f"{name} was answered {response.status_code}")


def found(state: State) -> UserFSMQuerySet:
    """The accounts in this state that the search finds."""
    return UserFSM.objects.in_state(state).filter(user__username__contains=FOUND)
