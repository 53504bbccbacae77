"""What there is to write about: each kind of email is a function that composes the letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

Facts = Mapping[str, Any]
"""What is known when an email is queued, as JSON keeps it, and moments."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What an email says; one template makes HTML of it, another one text."""

    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]] = field(default_factory=list)
    """What, and its value: when, from where."""
    link: str = ""
    link_label: str = ""
    closing: list[str] = field(default_factory=list)
    """Paragraphs below the link."""


class Kind(NamedTuple):
    """A kind of email."""

    name: str
    label: Promise
    """For administrators."""
    compose: Callable[[User, Facts], Letter]
    """Called in the person's language when the email is sent."""


KINDS: dict[str, Kind] = {}


def kind(name: str, label: Any) -> Callable[[Callable[[User, Facts], Letter]], Callable[[User, Facts], Letter]]:
    """Make a function that composes a letter to a user a kind of email of this name."""

    def register(compose: Callable[[User, Facts], Letter]) -> Callable[[User, Facts], Letter]:
        KINDS[name] = Kind(name, label, compose)
        return compose

    return register


def label_of(name: str) -> Any:
    """What administrators call this kind; the name itself for one that the code no longer knows."""
    return KINDS[name].label if name in KINDS else name


def moment(value: datetime) -> str:
    """A moment for people to read, with its time zone."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname() or ''}".rstrip()
