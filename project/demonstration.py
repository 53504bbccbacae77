"""People to look at on a new machine: a few in each state, brought there as anybody is, by transitions."""

import secrets
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission, User
from django.db import transaction

from users import conf

SUPPORT_PERMISSIONS = ("view_user", "view_userfsm", "lock_userfsm", "unlock_userfsm", "view_userstateaudit")


class Step(NamedTuple):
    """One transition of a story, made by a person of that name or by the text itself."""

    transition: str
    by: str
    description: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose account ends in some state, and how it came there."""

    username: str
    first_name: str
    last_name: str
    story: tuple[Step, ...] = ()
    guessed: bool = False
    """Whether somebody guessed at the password in the end, until the account was locked."""


WELCOME = Step("activate", "system", "accepted the invitation")

SUPPORT = Person("support", "Sofia", "Support", (WELCOME,))
PEOPLE = (
    SUPPORT,
    Person("iris", "Iris", "Invited"),
    Person("ivan", "Ivan", "Invited"),
    Person("alice", "Alice", "Active", (WELCOME,)),
    Person(
        "arthur",
        "Arthur",
        "Active",
        (
            WELCOME,
            Step("lock", "support", "reported stolen"),
            Step("unlock", "admin", "spoke with him"),
        ),
    ),
    Person("lena", "Lena", "Locked", (WELCOME,), guessed=True),
    Person("linus", "Linus", "Locked", (WELCOME, Step("lock", "support", "reported stolen"))),
    Person("david", "David", "Deactivated", (Step("deactivate", "admin", "invited by mistake"),)),
    Person("dora", "Dora", "Deactivated", (WELCOME, Step("deactivate", "admin", "left the company"))),
    Person(
        "rita",
        "Rita",
        "Returned",
        (WELCOME, Step("deactivate", "admin", "left the company"), Step("reactivate", "admin", "came back")),
    ),
)


@transaction.atomic
def create_people() -> dict[str, str]:
    """Create everybody with a random password and let their stories happen; return the passwords by username."""
    passwords = {username: secrets.token_urlsafe(9) for username in ("admin", *(each.username for each in PEOPLE))}
    actors = {"admin": User.objects.create_superuser("admin", password=passwords["admin"], first_name="Ada")}
    for person in PEOPLE:
        actors[person.username] = _create(person, passwords[person.username], actors)
    return passwords


def _create(person: Person, password: str, actors: dict[str, User]) -> User:
    user = User.objects.create_user(
        person.username, password=password, first_name=person.first_name, last_name=person.last_name
    )
    if person is SUPPORT:
        user.is_staff = True
        user.save()
        user.user_permissions.set(Permission.objects.filter(codename__in=SUPPORT_PERMISSIONS))
    for step in person.story:
        getattr(user.fsm, step.transition)(by=actors.get(step.by, step.by), description=step.description)
    if person.guessed:
        for _ in range(conf.lockout_failure_limit()):
            authenticate(username=person.username, password=secrets.token_urlsafe())
    return user
