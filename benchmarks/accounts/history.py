"""A year of history: a hundred thousand accounts with ten records each, and the same for django-auditlog."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, connections
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from audit import triggers
from audit.integrity.signed.facts import Facts, message_of, new_salt
from audit.integrity.signed.signing import FORMAT, signature
from audit.models import UserStateAudit
from benchmarks.accounts.people import migrate, next_step
from users.actors import ActorKind
from users.causes import Cause
from users.lifecycle import whole_milliseconds
from users.models import UserFSM
from users.states import State

# Fewer people by the environment, to try a change of a benchmark.
PEOPLE, CHANGES = int(os.environ.get("BENCHMARK_PEOPLE", "100000")), 10
RECORDS = PEOPLE * CHANGES
ADMINISTRATORS = 50
YEAR = timedelta(days=365)
BATCH = 5000
COLUMNS = (*Facts._fields, "signature")

AUDITLOG = """
    INSERT INTO auditlog_logentry (content_type_id, object_pk, object_id, object_repr, action, changes_text, changes,
        actor_id, remote_addr, timestamp)
    SELECT (SELECT id FROM django_content_type WHERE app_label = 'user_lifecycle' AND model = 'userfsm'),
        user_id, user_id, username, CASE WHEN sequence = 1 THEN 0 ELSE 1 END, '',
        jsonb_build_object('current_state', jsonb_build_array(start_state, end_state)), actor_id,
        nullif(ip_address, 'CLI')::inet, datetime
    FROM user_audit_userstateaudit ORDER BY id
"""


def fill() -> None:
    """Make the tables and put in a year of history and a superuser, `root`, unless a benchmark before has."""
    migrate()
    if not User.objects.filter(username="root").exists():
        write()
        User.objects.create_superuser("root")


def write(people: int = PEOPLE, *, changes: int = CHANGES, first: int = 1, using: str = "default") -> None:
    """
    Put in people with these numbers and so many records of each, past the triggers, with genuine signatures.

    The first record of each is its birth; the administrators, whom no number names, have only that.

    They come in order of time, so that the records of one account lie far apart, as they do in production.
    """
    numbers = range(first, first + people)
    last = changes - 1
    states = {number: State(change(number, last, last)[2]) for number in numbers}
    with triggers.lifted(using):
        newcomers = {f"admin-{first}-{n}": State(change(-n, 0, 0)[2]) for n in range(1, ADMINISTRATORS + 1)}
        actors = _add_users(newcomers, 0, using)
        users = _add_users({f"person-{number}": state for number, state in states.items()}, last, using)
        _insert(_records({-number: actor for number, actor in enumerate(actors, 1)}, actors, 1), using)
        _insert(_records(dict(zip(numbers, users, strict=True)), actors, changes), using)
        UserFSM._base_manager.using(using).update(changed_at=Subquery(_last_moment()))
    _gather_statistics(using)


def write_for_auditlog() -> None:
    """The records that are there, as django-auditlog would have kept them; on PostgreSQL alone."""
    with connection.cursor() as cursor:
        cursor.execute(AUDITLOG)
    _gather_statistics("default")


def change(number: int, sequence: int, last: int) -> tuple[str, str, str]:
    """
    One person's change: transition, source and target.

    Every second account is born active, the others are invited and activated. From there they are locked and unlocked
    in turns, so that about half of them end locked; each tenth ends deactivated.
    """
    if sequence == 0:
        return "create", "", State.ACTIVE if number % 2 else State.INVITED
    if sequence == 1 and number % 2 == 0:
        return "activate", State.INVITED, State.ACTIVE
    source, target, name = next_step(State.LOCKED if (sequence + number) % 2 else State.ACTIVE)
    return (
        ("deactivate", source, State.DEACTIVATED) if sequence == last and number % 10 == 0 else (name, source, target)
    )


def _add_users(states: dict[str, State], version: int, using: str) -> list[User]:
    """Users of these names, with accounts in these states."""
    users = User.objects.using(using).bulk_create(
        [User(username=name, password="!", is_active=state == State.ACTIVE) for name, state in states.items()],  # noqa: S106 - no password fits
        batch_size=BATCH,
    )
    UserFSM._base_manager.using(using).bulk_create(
        [UserFSM(user=user, current_state=states[user.username], version=version) for user in users],
        batch_size=BATCH,
    )
    return users


def _records(people: dict[int, User], actors: list[User], changes: int) -> Iterator[tuple[Any, ...]]:
    """The columns of all records."""
    moment, pause = timezone.now() - YEAR, YEAR / (len(people) * changes)
    for sequence in range(changes):
        for number, user in people.items():
            moment += pause
            written = whole_milliseconds(moment)
            transition, source, target = change(number, sequence, changes - 1)
            actor = None if number % 3 else actors[number % ADMINISTRATORS]
            address = f"10.{number % 7}.{number % 250}.{number % 199}"
            locked_out = transition == "lock" and actor is None
            facts = Facts(
                user_id=user.pk,
                username=user.username,
                sequence=sequence,
                transition=transition,
                start_state=str(source),
                end_state=str(target),
                datetime=written,
                actor_id=actor.pk if actor else None,
                initiated_by=actor.username if actor else "anonymous",
                description=f"5 failed logins from {address}" if locked_out else "asked by the person",
                ip_address=address,
                user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                request_id=f"{abs(number):016x}{sequence:016x}",
                cause=Cause.CREATED.value if sequence == 0 else Cause.REQUEST.value,
                actor_kind=ActorKind.USER.value if actor else ActorKind.ANONYMOUS.value,
                details={},
                person_salt=new_salt(),
                actor_salt=new_salt(),
            )
            values = facts._asdict() | {"details": "{}"}
            yield *values.values(), signature(message_of(facts, FORMAT))


def _last_moment() -> QuerySet[Any, Any]:
    """When the account in the outer query was changed last."""
    return UserStateAudit.objects.filter(user=OuterRef("user"), sequence=OuterRef("version")).values("datetime")


def _insert(rows: Iterator[tuple[Any, ...]], using: str) -> None:
    """Put records in as quickly as the database can."""
    database = connections[using]
    into = f"{UserStateAudit._meta.db_table} ({', '.join(COLUMNS)})"
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        statement = f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(COLUMNS))})"
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(statement, batch)


def _gather_statistics(using: str) -> None:
    """What autovacuum would have done for the planner by now."""
    with connections[using].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connections[using].vendor == "postgresql" else "ANALYZE")
