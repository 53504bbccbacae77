"""People for tests, brought into their states as anybody is: by transitions."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS

from users import mail
from users.causes import Cause
from users.models import UserFSM
from users.rows.provisioning import provision
from users.states import State


def shortest_path(state: State) -> tuple[str, ...]:
    """The transitions from the birth of an invited account to this state."""
    paths: dict[str, tuple[str, ...]] = {State.INVITED: ()}
    while state not in paths:
        steps = [each for each in UserFSM.transitions() if each.source in paths and each.target not in paths]
        paths |= {str(each.target): (*paths[str(each.source)], each.name) for each in steps}
    return paths[state]


def make_user(username: str = "ada", *, state: State = State.ACTIVE, **fields: Any) -> User:
    """A person whose account came into this state by the shortest way."""
    user = User.objects.create_user(username, **fields)
    with mail.untold():  # a test reads the emails that it causes itself
        for transition in shortest_path(state):
            getattr(user.fsm, transition)(by="system")
    return user


def make_superuser(username: str = "root", **fields: Any) -> User:
    """A person who may do everything; superusers start active."""
    return User.objects.create_superuser(username, **fields)


def make_invited(usernames: Iterable[str]) -> list[User]:
    """Many people at once, invited, with a birth each."""
    users = User.objects.bulk_create(User(username=username, is_active=False) for username in usernames)
    provision(users, using=DEFAULT_DB_ALIAS, cause=Cause.CREATED)
    return users
