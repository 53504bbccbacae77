"""
Blanks the personal data of one person.

WHAT IS BLANKED. In records about the user: the name, the description and the details. In records of what the user did:
the name, the address, the user agent, and the name of an impersonator. The signed digest replaces its salt, so that the
data cannot be guessed. Notes of the steps of scheduled changes are treated alike. Refusals, notes of reads, scheduled
changes and descriptions of django-fsm-log's rows are blanked too.

A ROW THAT CANNOT BE READ is blanked as well, because its texts may be legible. Nobody knows its digest, so its seal is
random. It stays a finding, as it was before.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django_fsm_log.models import StateLog

from audit.exceptions import RefusedByDatabase
from audit.integrity.persons import Person
from audit.integrity.signed import notes, scheduling
from audit.integrity.signed.facts import (
    ERASED,
    Facts,
    Row,
    Unreadable,
    actor_digest,
    is_of_format_1,
    is_sealed,
    person_digest,
    sealed,
)
from audit.integrity.signed.notes import Illegible
from audit.integrity.signed.reading import pages_by_key
from audit.models import RecordRead, RefusedTransition, SchedulingNote, UserStateAudit
from users.models import ScheduledChange, UserFSM

OF_THE_PERSON: dict[str, Any] = {"username": "", "description": "", "details": {}}
OF_THE_ACTOR: dict[str, Any] = {"initiated_by": "", "impersonator_name": "", "ip_address": "", "user_agent": ""}


def blank(person: Person, *, using: str) -> tuple[int, list[str]]:
    """
    Blank the personal data of this person, in the transaction of a declared maintenance.

    Returns the number of records that were blanked, and a message for each row that the database refused to change.
    """
    count, left = 0, list[str]()
    concerned = UserStateAudit.objects.using(using).filter(person.affected | person.acting)
    for page in pages_by_key(concerned):
        count += _blank_rows(page, person, left, using)
    _blank_steps(person, left, using)
    _blank_notes(person, using)
    return count, left


def _blank_rows(rows: list[Row | Unreadable], person: Person, left: list[str], using: str) -> int:
    """Blank these records. If the database refuses one of many, each half is tried alone."""
    try:
        with transaction.atomic(using=using):
            return sum(_blank_record(row, person, using) for row in rows)
    except RefusedByDatabase as error:
        if len(rows) == 1:
            left.append(f"the record with key {rows[0].id}: {error}")
            return 0
    middle = len(rows) // 2
    return _blank_rows(rows[:middle], person, left, using) + _blank_rows(rows[middle:], person, left, using)


def _blank_record(row: Row | Unreadable, person: Person, using: str) -> bool:
    records: QuerySet[Any] = UserStateAudit._base_manager.using(using).filter(pk=row.id)
    if isinstance(row, Unreadable):
        return _seal_unread(records.exclude(signature__startswith="1."), person.affected, person)
    if is_of_format_1(row.signature):
        return False
    values = _sealing(row.facts, person, is_affected=person.has_record(row.facts))
    if "person_salt" in values:
        _blank_state_log(row.facts, using)
    if values:
        records.update(**values)
    return bool(values)


def _sealing(facts: Facts, person: Person, *, is_affected: bool) -> dict[str, Any]:
    """Return the columns that remove this person's data from these facts; empty if there is none."""
    values = dict[str, Any]()
    if is_affected and not is_sealed(facts.person_salt):
        values |= OF_THE_PERSON | {"person_salt": sealed(person_digest(facts))}
    if person.has_done(facts) and not is_sealed(facts.actor_salt):
        values |= OF_THE_ACTOR | {"actor_salt": sealed(actor_digest(facts))}
    return values


def _seal_unread(row: QuerySet[Any], affected: Q, person: Person) -> bool:
    """Blank the columns of a row that cannot be read, without reading them. Returns whether there was anything."""
    seal = sealed(sha256(token_bytes()).hexdigest())
    of_person = row.filter(affected).exclude(person_salt__startswith=ERASED)
    of_actor = row.filter(person.acting).exclude(actor_salt__startswith=ERASED)
    done = of_person.update(**OF_THE_PERSON, person_salt=seal), of_actor.update(**OF_THE_ACTOR, actor_salt=seal)
    return any(done)


def _blank_state_log(facts: Facts, using: str) -> None:
    """Blank the words in django-fsm-log's row of this change, which has the key of the state and not of the user."""
    if not facts.description:
        return
    states = UserFSM._base_manager.using(using)
    of_states = ContentType.objects.db_manager(using).get_for_model(UserFSM)
    rows = StateLog.objects.using(using).filter(
        content_type=of_states, timestamp=facts.datetime, transition=facts.transition, description=facts.description
    )
    # Many people may have been given the same words at the same moment.
    others = states.exclude(user_id=facts.user_id)
    for key, state in rows.values_list("pk", "object_id"):
        if not others.filter(pk=state).exists():
            rows.filter(pk=key).update(description="")


def _blank_steps(person: Person, left: list[str], using: str) -> None:
    steps: QuerySet[Any] = SchedulingNote.objects.using(using)
    for step in notes.read(steps.filter(person.noted | person.acting)):
        step_key = step.id if isinstance(step, Illegible) else step.pk
        try:
            with transaction.atomic(using=using):
                _blank_step(steps.filter(pk=step_key), step, person)
        except RefusedByDatabase as error:
            left.append(f"the step with key {step_key} of a scheduled change: {error}")


def _blank_step(row: QuerySet[Any], step: Model | Illegible, person: Person) -> None:
    if isinstance(step, Illegible):
        _seal_unread(row, person.noted, person)
        return
    facts = scheduling.facts_of(step)
    if values := _sealing(facts, person, is_affected=person.has_note(facts)):
        row.update(**values)


def _blank_notes(person: Person, using: str) -> None:
    refusals = RefusedTransition.objects.using(using)
    refusals.filter(person.noted).update(username="", description="")
    key, changes = str(person.user_id), ScheduledChange.objects.using(using)
    scheduled, settled = person.had_the_key("scheduled_at"), person.had_the_key("settled_at")
    changes.filter(scheduled, user_id=person.user_id).update(username="", description="", note="")
    changes.filter(scheduled, scheduled_by_key=key).update(scheduled_by="")
    changes.filter(settled, settled_by_key=key).update(settled_by="")
    noted: Iterable[QuerySet[Any]] = (refusals, RecordRead.objects.using(using))
    for rows in noted:
        rows.filter(person.acting).update(**OF_THE_ACTOR)
