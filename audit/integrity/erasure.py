"""
Erases the personal data of one user from the record. The facts stay, and the record still verifies.

WHAT IS ERASED. In records about the user: the name, the description and the details. In records of what the user did:
the name, the address, the user agent, and the name of an impersonator. The signed digest replaces its salt, so that the
data cannot be guessed. Notes of the steps of scheduled changes are treated alike. Refusals, notes of reads, scheduled
changes and descriptions of django-fsm-log's rows are blanked too. A signed note (`AuditErasure`) says when, why and by
whom. Without one, verification reports every record whose data is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django_fsm_log.models import StateLog

from audit import context
from audit.exceptions import NobodyOfThatName, SeveralOfThatName
from audit.integrity.signed import notes, scheduling
from audit.integrity.signed.facts import Facts, actor_digest, facts_of, is_of_format_1, is_sealed, person_digest, sealed
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.notes import Illegible
from audit.maintenance import declared
from audit.models import AuditErasure, RecordRead, RefusedTransition, SchedulingNote, UserStateAudit
from audit.rollup import keeping as rollup
from users.database.moments import shown
from users.input.text import storable
from users.lifecycle import whole_milliseconds
from users.models import ScheduledChange
from users.user_model import called

BATCH = 500
"""The number of records read at a time."""

OF_THE_PERSON: dict[str, Any] = {"username": "", "description": "", "details": {}}
OF_THE_ACTOR: dict[str, Any] = {"initiated_by": "", "impersonator_name": "", "ip_address": "", "user_agent": ""}


def erase(username: str, reason: str, *, using: str) -> AuditErasure:
    """
    Erase the personal data of the user with this current or former name, and return the signed note.

    Raises `NobodyOfThatName` if neither a user nor a record has the name, `SeveralOfThatName`, and the exceptions of
    `audit.maintenance.declared`. Records of format 1 sign their texts directly. Blanking them would break their
    signatures, so they are left as they are and not counted in the note.
    """
    keys = keys_of(username, using=using)
    with declared(f"erasure of {len(keys)} user(s): {reason}", using=using):
        rollup.forget(using)  # which may have an address that is erased
        return [_erase_user(key, reason, using) for key in keys][-1]


def keys_of(username: str, *, using: str) -> list[Any]:
    """
    Return the keys of the user with this name, or of deleted users who had it.

    Raises `NobodyOfThatName`, and `SeveralOfThatName` where several users have it and only one of them may be meant.
    """
    users = called(username, using=using)
    gone = UserStateAudit.objects.using(using).filter(username=username).order_by("user_id")
    keys = list(users.values_list("pk", flat=True)) or list(gone.values_list("user_id", flat=True).distinct())
    if not keys:
        raise NobodyOfThatName(username)
    if users.count() > 1:
        raise SeveralOfThatName(username)
    return keys


def _erase_user(key: Any, reason: str, using: str) -> AuditErasure:
    records = UserStateAudit._base_manager.using(using)
    concerned = records.filter(Q(user_id=key) | Q(actor_id=key) | Q(impersonator_id=key)).order_by("pk")
    count = 0
    for record in concerned.iterator(chunk_size=BATCH):
        count += _blank(record, key, using)
    _blank_notes(key, using)
    note = AuditErasure(
        user_id=key,
        made_at=whole_milliseconds(timezone.now()),
        reason=storable(reason),
        initiated_by=context.actor().name,
        records=count,
    )
    note.sign()
    note.save(using=using)
    return note


def _blank(record: UserStateAudit, key: Any, using: str) -> int:
    if is_of_format_1(record.signature):
        return 0
    values = _sealing(facts_of(record), key)
    if "person_salt" in values:
        _blank_state_log(record, using)
    if values:
        UserStateAudit._base_manager.using(using).filter(pk=record.pk).update(**values)
    return bool(values)


def _sealing(facts: Facts, key: Any) -> dict[str, Any]:
    """Return the columns to write so that these facts say nothing of this user any more; empty if they do not."""
    values = dict[str, Any]()
    if facts.user_id == key and not is_sealed(facts.person_salt):
        values |= OF_THE_PERSON | {"person_salt": sealed(person_digest(facts))}
    if key in (facts.actor_id, facts.impersonator_id) and not is_sealed(facts.actor_salt):
        values |= OF_THE_ACTOR | {"actor_salt": sealed(actor_digest(facts))}
    return values


def _blank_state_log(record: UserStateAudit, using: str) -> None:
    if record.description:
        rows = StateLog.objects.using(using).filter(timestamp=record.datetime, transition=record.transition)
        rows.filter(description=record.description).update(description="")


def _blank_notes(key: Any, using: str) -> None:
    refusals = RefusedTransition.objects.using(using)
    refusals.filter(user_id=key).update(username="", description="")
    changes = ScheduledChange.objects.using(using)
    changes.filter(user_id=key).update(username="", description="", note="")
    changes.filter(scheduled_by_key=str(key)).update(scheduled_by="")
    changes.filter(settled_by_key=str(key)).update(settled_by="")
    steps = SchedulingNote.objects.using(using)
    for step in steps.filter(Q(user_id=key) | Q(actor_id=key) | Q(impersonator_id=key)):
        if values := _sealing(scheduling.facts_of(step), key):
            steps.filter(pk=step.pk).update(**values)
    for rows in (refusals, RecordRead.objects.using(using)):
        rows.filter(Q(actor_id=key) | Q(impersonator_id=key)).update(**OF_THE_ACTOR)


class Erasures:
    """The noted erasures of a database, to verify records without personal data."""

    def __init__(self, using: str) -> None:
        self.damaged: list[Finding] = []
        self._until: dict[str, datetime] = {}
        for note in notes.read(AuditErasure.objects.using(using).order_by("made_at", "pk")):
            if isinstance(note, Illegible):
                self.damaged.append(Finding(Kind.ERASED, note.message))
            elif note.is_genuine:
                self._until[str(note.user_id)] = note.made_at
            else:
                message = f"the note of the erasure of {shown(note.made_at)} is not genuine"
                self.damaged.append(Finding(Kind.ERASED, message, note.user_id))

    def problems(self, facts: Facts) -> Iterator[str]:
        """Yield what is wrong with a record whose personal data is gone."""
        if is_sealed(facts.person_salt):
            left: tuple[object, ...] = (facts.username, facts.description, facts.details or "")
            yield from self._problems(facts, "the account's owner", (facts.user_id,), left)
        if is_sealed(facts.actor_salt):
            left = (facts.initiated_by, facts.impersonator_name, facts.ip_address, facts.user_agent)
            yield from self._problems(facts, "the actor", (facts.actor_id, facts.impersonator_id), left)

    def _problems(self, facts: Facts, whose: str, keys: Iterable[Any], left: Iterable[object]) -> Iterator[str]:
        noted = (self._until.get(str(key)) for key in keys)
        if not any(moment is not None and facts.datetime <= moment for moment in noted):
            yield f"the personal data of {whose} is gone, and no genuine note says that it was erased"
        if any(left):
            yield f"the personal data of {whose} was erased, and something else is in its place"
