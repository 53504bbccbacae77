"""What the lifecycle says, translated into records, and what Django says of the database, handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.models import OuterRef

from audit import context, maintenance, refusals, triggers
from audit.integrity import journal
from audit.integrity.facts import canonical_record, facts_of
from audit.integrity.signing import signature
from audit.models import UserStateAudit
from users import lifecycle
from users.input.text import storable
from users.models import UserFSM
from users.rows.provisioning import LastKnown
from users.states import State


def record_transition(
    instance: UserFSM, name: str, source: str, target: str, method_kwargs: Mapping[str, Any], **kwargs: Any
) -> None:
    """`post_transition` of `UserFSM`: the record is written with the state, or neither is."""
    now = lifecycle.underway(instance)
    actor = context.actor(method_kwargs.get("by"))
    origin = context.origin()
    record = UserStateAudit(
        user_id=instance.user_id,
        username=storable(now.username, context.NAME_LENGTH),
        sequence=now.sequence,
        transition=name,
        start_state=source,
        end_state=target,
        datetime=now.moment,
        actor_id=actor.user_id,
        initiated_by=actor.name,
        description=storable(method_kwargs.get("description") or ""),
        ip_address=origin.ip_address,
        user_agent=origin.user_agent,
        request_id=origin.request_id or now.correlation_id,
    )
    record.signature = signature(canonical_record(facts_of(record)))
    lifecycle.write_along(record)
    # A function, not a `partial`: Django logs the name of one that fails, and a `partial` has none.
    transaction.on_commit(lambda: journal.write(record), using=now.using, robust=True)


def last_known(using: str, user_ids: list[Any], **kwargs: Any) -> Mapping[Any, LastKnown]:
    """`last_known_wanted`: the state and version that users' last records end with."""
    records = UserStateAudit.objects.using(using)
    newest = records.filter(user=OuterRef("user")).order_by("-sequence").values("sequence")[:1]
    rows = records.filter(user__in=user_ids, sequence=newest).values_list("user_id", "end_state", "sequence")
    return {user_id: LastKnown(State(state), sequence) for user_id, state, sequence in rows}


def prepare_connection(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """`connection_created`: refusals become our errors, and maintenance can be declared."""
    refusals.translate(connection)
    maintenance.prepare(connection)


def remove_triggers(using: str, plan: Sequence[tuple[Migration, bool]], **kwargs: Any) -> None:
    """`pre_migrate`: the triggers are in the way of migrations that may alter their tables."""
    if triggers.in_the_way_of({migration.app_label for migration, _ in plan}, using=using):
        triggers.remove(using)


def install_triggers(using: str, **kwargs: Any) -> None:
    """`post_migrate`, also sent by `flush`."""
    triggers.install(using)
