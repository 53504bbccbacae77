"""The people on a list, line by line, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


@dataclass(slots=True)
class Line:
    """One person on a list."""

    number: int
    """The line of the file on which the person ends; the first line is 1."""

    email: str = ""
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    """Other fields that the user model asks for."""

    ends: str = ""
    """The end of the account, as it is written on the list."""

    ends_at: datetime | None = None
    """When the account is deactivated; None if it has no end."""

    problems: list[str] = field(default_factory=list)
    """The errors, for people to read. Empty if the person can be invited."""

    waiting: User | None = None
    """The existing account whose invitation email has failed."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def person(self) -> dict[str, Any]:
        """The keywords of `invitations.prepared`."""
        return {name: getattr(self, name) for name in ("email", "username", "first_name", "last_name", "fields")}


class People(list[Line]):
    """The people on a list."""

    note: str = ""
    """A note to check something in the list."""


@dataclass(slots=True)
class ListOutcome:
    """The result of inviting a list."""

    invited: list[Line] = field(default_factory=list)
    """Their accounts exist, and their emails are in the queue."""

    refused: list[Line] = field(default_factory=list)
    """Their `problems` say why."""

    late: list[Line] = field(default_factory=list)
    """Those refused only now, because somebody else has taken their name or address since the list was read."""

    users: list[User] = field(default_factory=list)
    """The accounts of the invited people."""
