"""
The persons behind the keys of users.

A database may give the key of a deleted user again. The record then continues under it with another birth, and what
concerns one of the two persons must not touch the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from audit.exceptions import NobodyOfThatName, SeveralOfThatName
from audit.integrity.signed.columns import in_place
from audit.integrity.signed.facts import Facts
from audit.models import UserStateAudit
from audit.models.querysets import UserStateAuditQuerySet
from users.rows.user_model import called


class Person(NamedTuple):
    """One of those who had a key. The limits are None where nobody else had it before or after."""

    user_id: Any
    first: int | None = None
    """The sequence of the birth."""

    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The time when somebody else was born under the key."""

    def had_the_key(self, field: str) -> Q:
        """Select the rows of the time in which this person had the key, by the field with their time."""
        return _between(field, self.since, self.until)

    @property
    def affected(self) -> Q:
        """Select the records of what happened to this person."""
        return Q(user_id=self.user_id) & _between("sequence", self.first, self.last)

    @property
    def noted(self) -> Q:
        """Select the notes with a `datetime` about this person."""
        return Q(user_id=self.user_id) & self.had_the_key("datetime")

    @property
    def acting(self) -> Q:
        """Select the rows with a `datetime` of what this person did."""
        by_key = Q(actor_id=self.user_id) | Q(impersonator_id=self.user_id)
        return by_key & self.had_the_key("datetime")

    def has_record(self, facts: Facts) -> bool:
        """Whether this record is among those of `affected`."""
        return facts.user_id == self.user_id and _is_between(facts.sequence, self.first, self.last)

    def has_note(self, facts: Facts) -> bool:
        """Whether this note is among those of `noted`."""
        return facts.user_id == self.user_id and self.was_there_at(facts.datetime)

    def has_done(self, facts: Facts) -> bool:
        """Whether this row is among those of `acting`."""
        return self.user_id in (facts.actor_id, facts.impersonator_id) and self.was_there_at(facts.datetime)

    def was_there_at(self, moment: datetime) -> bool:
        """Whether this person had the key at this time."""
        return _is_between(moment, self.since, self.until)


def named(username: str, *, using: str) -> list[Person]:
    """
    Return the user with this name, or the deleted users who had it.

    Raises `NobodyOfThatName`, and `SeveralOfThatName` where several users have it and only one of them may be meant.
    """
    called_so = called(username, using=using).count()
    if called_so > 1:
        raise SeveralOfThatName(username)
    had_it = in_place(_records(using)).filter(username=username)
    found = []
    for key in keys_of(username, using=using):
        *earlier, last = _persons(key, using)
        found += [person for person in earlier if had_it.filter(person.affected).exists()]
        # Whoever has the key now was perhaps renamed, and may have no record of that name.
        if called_so or had_it.filter(last.affected).exists():
            found.append(last)
    return found


def keys_of(username: str, *, using: str) -> list[Any]:
    """Return the keys of the users with this name, or of deleted users who had it. Raises `NobodyOfThatName`."""
    keys = list(called(username, using=using).values_list("pk", flat=True))
    if not keys:
        gone = in_place(_records(using)).filter(username=username).order_by("user_id")
        keys = list(gone.values_list("user_id", flat=True).distinct())
    if not keys:
        raise NobodyOfThatName(username)
    return keys


def _persons(key: Any, using: str) -> list[Person]:
    """Return all who had this key, in order; at least one. Each birth behind other records is of somebody else."""
    births = in_place(_records(using)).filter(user_id=key, start_state="").order_by("sequence")
    persons = [Person(key)]
    for sequence, moment in births.filter(sequence__gt=0).values_list("sequence", "datetime"):
        persons[-1] = persons[-1]._replace(last=sequence - 1, until=moment)
        persons.append(Person(key, first=sequence, since=moment))
    return persons


def _records(using: str) -> UserStateAuditQuerySet:
    return UserStateAudit.objects.using(using)


def _between(field: str, first: Any, last: Any) -> Q:
    limits = {f"{field}__gte": first, f"{field}__lte": last}
    return Q(**{lookup: limit for lookup, limit in limits.items() if limit is not None})


def _is_between(value: Any, first: Any, last: Any) -> bool:
    return (first is None or value >= first) and (last is None or value <= last)
