"""Demonstration accounts: a few in each state, brought there by real transitions."""

import secrets
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission, User
from django.db import transaction

from users import conf

SUPPORT_PERMISSIONS = ("view_user", "view_userfsm", "lock_userfsm", "unlock_userfsm", "view_userstateaudit")


class Step(NamedTuple):
    """One transition of a story. `by` is the username of a person, or a text for the record."""

    transition: str
    by: str
    description: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person, and how their account came into its state."""

    username: str
    first_name: str
    last_name: str
    story: tuple[Step, ...] = ()
    guessed: bool = False
    """Whether wrong passwords lock the account at the end."""


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
    """Create all people with random passwords, carry out their stories, and return the passwords by username."""
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
