"""The noted erasures of a database, with which records without personal data are verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from audit.integrity.persons import Person
from audit.integrity.signed import notes
from audit.integrity.signed.facts import Facts, is_sealed
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.notes import Illegible
from audit.models import AuditErasure
from users.database.moments import shown


class Erasures:
    """The noted erasures of a database, to verify records without personal data."""

    def __init__(self, using: str) -> None:
        self.damaged: list[Finding] = []
        self._using = using
        self._notes: dict[str, list[AuditErasure]] = {}
        self._read: set[int] = set()
        self._read_new()

    def _read_new(self) -> bool:
        """Read the notes that are not read yet, and return whether there were any."""
        written = AuditErasure.objects.using(self._using).order_by("made_at", "pk")
        new = set(written.values_list("pk", flat=True)) - self._read
        self._read |= new
        for note in notes.read(written.filter(pk__in=new)) if new else ():
            if isinstance(note, Illegible):
                self.damaged.append(Finding(Kind.ERASED, note.message))
            elif note.is_genuine:
                self._notes.setdefault(str(note.user_id), []).append(note)
            else:
                message = f"the note of the erasure of {shown(note.made_at)} {note.verdict.value}"
                self.damaged.append(Finding(Kind.ERASED, message, note.user_id))
        return bool(new)

    def problems(self, facts: Facts) -> Iterator[str]:
        """Yield what is wrong with a record whose personal data is gone."""
        if is_sealed(facts.person_salt):
            left: tuple[object, ...] = (facts.username, facts.description, facts.details or "")
            yield from self._problems(facts, "the account's owner", (facts.user_id,), left)
        if is_sealed(facts.actor_salt):
            left = (facts.initiated_by, facts.impersonator_name, facts.ip_address, facts.user_agent)
            yield from self._problems(facts, "the actor", (facts.actor_id, facts.impersonator_id), left)

    def _problems(self, facts: Facts, whose: str, keys: Iterable[Any], left: Iterable[object]) -> Iterator[str]:
        noted = self._is_noted(facts, keys) or (self._read_new() and self._is_noted(facts, keys))
        if not noted:  # not by an erasure during the walk either
            yield f"the personal data of {whose} is gone, and no genuine note says that it was erased"
        if any(left):
            yield f"the personal data of {whose} was erased, and something else is in its place"

    def _is_noted(self, facts: Facts, keys: Iterable[Any]) -> bool:
        noted = (note for key in keys for note in self._notes.get(str(key), ()))
        return any(_covers(note, facts.datetime) for note in noted)


def _covers(note: AuditErasure, moment: datetime) -> bool:
    person = Person(note.user_id, since=note.since, until=note.until)
    return moment <= note.made_at and person.was_there_at(moment)
