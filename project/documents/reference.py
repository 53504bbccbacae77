"""The API reference, from the docstrings of what other code may call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any, NamedTuple

from django.db import models

import audit.context
import audit.exceptions
import audit.maintenance
import audit.triggers
import users.exceptions
import users.invitations
import users.lifecycle
import users.sessions
from audit.models import UserStateAudit
from project.documents import markdown
from project.documents.docstrings import below_attributes
from project.documents.tables import GENERATED, INDEX
from users.actors import ActorKind
from users.causes import Cause
from users.models import UserFSM
from users.models.querysets import BulkOutcome
from users.states import State

INTRODUCTION = (
    "This page lists what your code may call. [States](states.md) and [transitions](transitions.md) explain the ideas\n"
    "behind it, and the [data model](data-model.md) lists the columns."
)


class Section(NamedTuple):
    """A heading with what stands below it."""

    title: str
    prefix: str
    """How a call begins, for example `user.fsm.`."""
    owner: type | ModuleType
    names: tuple[str, ...] = ()
    """The names to show, by default everything public that the owner defines."""


SECTIONS = (
    Section("One account", "user.fsm.", UserFSM),
    Section("Many accounts", "UserFSM.objects.", UserFSM.objects.all().__class__),
    Section("The outcome of a bulk transition", "outcome.", BulkOutcome),
    Section("States", "State.", State),
    Section("Causes", "Cause.", Cause),
    Section("Kinds of actors", "ActorKind.", ActorKind),
    Section("Invitations", "users.invitations.", users.invitations),
    Section("Sessions", "users.sessions.", users.sessions),
    Section(
        "Receivers of transitions",
        "users.lifecycle.",
        users.lifecycle,
        ("write_along", "RowValues", "underway", "Underway"),
    ),
    Section("The record", "UserStateAudit.objects.", UserStateAudit.objects.all().__class__),
    Section("Who acts", "audit.context.", audit.context),
    Section("Declared maintenance", "audit.maintenance.", audit.maintenance, ("declared",)),
    Section("Triggers", "audit.triggers.", audit.triggers, ("install", "remove", "missing", "lifted")),
    Section("Exceptions of `users`", "users.exceptions.", users.exceptions),
    Section("Exceptions of `audit`", "audit.exceptions.", audit.exceptions),
)


class Bare(str):
    """An annotation that is shown without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def page() -> str:
    """Every section."""
    return markdown.page(
        [GENERATED, "# API reference", INDEX, INTRODUCTION, *(_section(section) for section in SECTIONS)]
    )


def members(section: Section) -> Iterator[tuple[str, Any]]:
    """Yield the names and objects of a section, in the order of the code."""
    own = vars(section.owner)
    for name in section.names or getattr(section.owner, "__all__", None) or own:
        if not name.startswith("_") and (name in section.names or _belongs_to(section.owner, name, own[name])):
            yield name, own[name]


def _belongs_to(owner: type | ModuleType, name: str, member: Any) -> bool:
    if isinstance(owner, ModuleType):
        defined_there = getattr(member, "__module__", "").startswith(owner.__name__)
        return defined_there and (inspect.isfunction(member) or inspect.isclass(member))
    if any(hasattr(base, name) for base in (models.Model, models.QuerySet)):
        return False  # Django documents it
    return isinstance(member, (classmethod, property)) or inspect.isfunction(member)


def _section(section: Section) -> str:
    shown = [_entry(section, name, member) for name, member in members(section)]
    return "\n\n".join([f"## {section.title}", *_about(section), *shown])


def _about(section: Section) -> Iterator[str]:
    text = markdown.paragraphs(section.owner.__doc__)
    if isinstance(section.owner, type):
        yield f"`{section.owner.__module__}.{section.owner.__qualname__}`. {text}"
        yield from _attributes(section.owner)
    else:
        yield text


def _attributes(owner: type) -> Iterator[str]:
    """The members of an enumeration, or the fields of a dataclass."""
    described = below_attributes(owner)
    if issubclass(owner, models.Choices):
        yield "\n".join(f"- `{owner.__name__}.{each.name}`: {described.get(each.name) or each.label}" for each in owner)
    elif is_dataclass(owner):
        shown = ((f"`{each.name}: {each.type}`", described.get(each.name)) for each in fields(owner))
        yield "\n".join(f"- {name}: {text}" if text else f"- {name}" for name, text in shown)


def _entry(section: Section, name: str, member: Any) -> str:
    parts = [f"### `{name}`", markdown.paragraphs(member.__doc__)]
    if isinstance(member, type):
        parts += _attributes(member)
    else:
        parts.insert(1, f"```python\n{_call(section, name, member)}\n```")
    return "\n\n".join(parts)


def _call(section: Section, name: str, member: Any) -> str:
    prefix = section.prefix
    if isinstance(member, classmethod):
        prefix, member = f"{section.owner.__name__}.", member.__func__
    if isinstance(member, property):
        return f"{prefix}{name}"
    if inspect.isgeneratorfunction(inspect.unwrap(member)):
        return f"with {prefix}{name}{_signature(member, is_method=False, has_result=False)}:"
    return f"{prefix}{name}{_signature(member, is_method=isinstance(section.owner, type))}"


def _signature(function: Callable[..., Any], *, is_method: bool, has_result: bool = True) -> str:
    """The parameters and the result, as the code writes them."""
    signature = inspect.signature(function)
    parameters = [
        each if each.annotation is each.empty else each.replace(annotation=Bare(each.annotation))
        for each in list(signature.parameters.values())[is_method:]
    ]
    result = Bare(signature.return_annotation) if has_result else inspect.Signature.empty
    return str(signature.replace(parameters=parameters, return_annotation=result))
