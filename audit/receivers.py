"""Receivers of the lifecycle's and Django's signals. Each one delegates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.backends.base.base import BaseDatabaseWrapper

from audit import context, maintenance, triggers
from audit.installation import coming_and_going
from audit.integrity.kept import fixtures
from audit.models import UserStateAudit
from audit.reasons import reason
from audit.recording import changes, refused, scheduling
from audit.recording.changes import Change
from audit.rollup import keeping
from audit.triggers import refusals as database_refusals
from users import lifecycle
from users.actors import By
from users.database import legible
from users.database.one_of import one_of
from users.lifecycle import LastKnown, Refusal, RefusalReason, Underway
from users.models import ScheduledChange, UserFSM
from users.signals import Done, StateSince
from users.states import State


def record_transition(
    instance: UserFSM, name: str, source: str, target: str, method_kwargs: Mapping[str, Any], **kwargs: Any
) -> None:
    """`post_transition` of `UserFSM`: write the record with the state."""
    now = lifecycle.underway(instance)
    changes.record(instance, now, Change(name, source, target, instance.locked_until), **method_kwargs)


def record_birth(instance: UserFSM, now: Underway, **kwargs: Any) -> None:
    """`account_began`: write the record of the birth."""
    changes.record(instance, now, Change("create", "", instance.current_state), **kwargs)


def record_death(instance: UserFSM, now: Underway, **kwargs: Any) -> None:
    """`account_ended`: write the record of the death."""
    changes.record(instance, now, Change("delete", instance.current_state, ""), **kwargs)


def note_refusals(
    *,
    refusals: Sequence[Refusal],
    transition: str,
    reason: RefusalReason,
    using: str,
    by: By,
    description: str | None,
    **kwargs: Any,
) -> None:
    """`transitions_refused`."""
    refused.note(refusals, transition=transition, reason=reason, using=using, by=by, description=description)


def note_scheduling(change: ScheduledChange, by: By, details: Mapping[str, Any] | None, **kwargs: Any) -> None:
    """`scheduling_changed`."""
    scheduling.note(change, by=by, details=details)


def last_known(using: str, user_ids: list[Any], **kwargs: Any) -> Mapping[Any, LastKnown]:
    """`last_known_wanted`: return the state and version of users' last records. After a death there is no state."""
    records = UserStateAudit.objects.using(using)
    key = get_user_model()._meta.pk
    rows = records.newest_of_each().filter(one_of("user_id", user_ids, key, using=using))
    return {
        user_id: LastKnown(State(state) if state else None, sequence, locked_until, moment)
        for user_id, state, sequence, locked_until, moment in rows.values_list(
            "user_id", "end_state", "sequence", "locked_until", "datetime"
        )
    }


def state_since(using: str, user_ids: list[Any], **kwargs: Any) -> Mapping[Any, StateSince]:
    """`state_since_wanted`: say since when accounts are in their states, and why, from their last records."""
    last = UserStateAudit.objects.using(using).newest_of_each().filter(user__in=user_ids)
    return {each.user_id: StateSince(each.datetime, each.cause, reason(each)) for each in last}


def actor(by: By, **kwargs: Any) -> context.Actor:
    """`actor_wanted`."""
    return context.actor(by)


def prepare_connection(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """`connection_created`: translate refusals, prepare declared maintenance, and read texts that are not UTF-8."""
    database_refusals.translate(connection)
    legible.prepare(connection)
    maintenance.prepare(connection)


def bring_line_breaks_back(instance: UserStateAudit, *, raw: bool = False, **kwargs: Any) -> None:
    """`pre_save`: give a record in a fixture the carriage returns that XML has lost."""
    if raw:
        fixtures.bring_line_breaks_back(instance)


def refuse_unlike_signed(instance: UserStateAudit, *, raw: bool = False, **kwargs: Any) -> None:
    """`post_save`: refuse a record in a fixture that is not what was signed, if the triggers let it in."""
    if raw:
        fixtures.refuse_unlike_signed(instance)


def count_days(**kwargs: Any) -> Done:
    """`work_is_due`: count the days of the dashboard that are over."""
    return keeping.run_due()


def make_way(using: str, plan: coming_and_going.Plan, **kwargs: Any) -> None:
    """
    `pre_migrate`: remove the triggers before migrations that may alter their tables, and records that may go.

    The triggers stay where a record would go that is to be kept: such a `migrate` is refused, or only faked.
    """
    if count := coming_and_going.would_lose(plan, using):
        coming_and_going.refuse(plan, count)
        return
    if triggers.in_the_way_of({migration.app_label for migration, _ in plan}, using=using):
        triggers.remove(using)
    if coming_and_going.goes(plan, "user_audit") and coming_and_going.is_home(using):
        coming_and_going.let_records_go(plan)


def create_auditors(using: str, plan: coming_and_going.Plan = (), **kwargs: Any) -> None:
    """`post_migrate`."""
    if coming_and_going.comes(plan) and coming_and_going.is_home(using):
        coming_and_going.create_auditors(using)


def clear_up(using: str, plan: coming_and_going.Plan = (), **kwargs: Any) -> None:
    """`post_migrate` of all apps: remove what Django made for an app of ours that has gone."""
    for label in coming_and_going.TABLES:
        if coming_and_going.has_gone(plan, using, label):
            coming_and_going.clear_up(using, label)


def install_triggers(using: str, **kwargs: Any) -> None:
    """`post_migrate`, also sent by `flush`: install the triggers."""
    triggers.install(using)
