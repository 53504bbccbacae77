"""The kinds of emails. Each is a function that composes a letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise

from users.database import local_time

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

Facts = Mapping[str, Any]
"""The facts of an email when it is queued: JSON values and times."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of an email. One template renders it as HTML, another one as text."""

    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]] = field(default_factory=list)
    """Labels and values, such as when and from where."""
    rows: list[tuple[str, str]] = field(default_factory=list)
    """Rows of a list: the first column, and the text of the others."""
    link: str = ""
    link_label: str = ""
    closing: list[str] = field(default_factory=list)
    """Paragraphs after the link."""


class Kind(NamedTuple):
    """A kind of email."""

    name: str
    label: Promise
    """The label for administrators."""
    compose: Callable[[User, Facts], Letter]
    """The function that composes the letter, called in the person's language when the email is sent."""


KINDS: dict[str, Kind] = {}


def kind(name: str, label: Any) -> Callable[[Callable[[User, Facts], Letter]], Callable[[User, Facts], Letter]]:
    """Register a function that composes a letter to a user as a kind of email."""

    def register(compose: Callable[[User, Facts], Letter]) -> Callable[[User, Facts], Letter]:
        KINDS[name] = Kind(name, label, compose)
        return compose

    return register


def label_of(name: str) -> Any:
    """Return the label of a kind, or its name if the code no longer knows it."""
    return KINDS[name].label if name in KINDS else name


def moment(value: datetime) -> str:
    """Format a time for people, with its time zone."""
    local = local_time.local(value)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname() or ''}".rstrip()
