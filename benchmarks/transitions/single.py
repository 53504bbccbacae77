"""One transition, complete with its history, as people use each package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from auditlog.context import set_actor
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from benchmarks.accounts import people
from benchmarks.measuring.harness import OURS, Result, contest, hand_in, statements
from benchmarks.peers import limit, models
from users.models import UserFSM

ACCOUNTS = 2000
ROUNDS = 15
CALLS = 60
WHY = "reported stolen"
PSYCOPG = "psycopg: BEGIN, UPDATE, 2 INSERTs, COMMIT"
LIMIT = f"psycopg: {limit.NAME}"
PGHISTORY = "django-pghistory with context"
FSM_LOG = "django-fsm-log in a transaction"


def contestants(admin: User) -> dict[str, Callable[[], Any]]:
    """All that run on this database."""
    return {
        **({PSYCOPG: _psycopg(), LIMIT: _limit()} if settings.POSTGRESQL else {}),
        OURS: ours(admin, cycle(people.known()[ACCOUNTS:])),
        **({PGHISTORY: pghistory_with_context(admin)} if settings.POSTGRESQL else {}),
        FSM_LOG: fsm_log(admin, accounts_of(models.WithFsmLog)),
        "django-simple-history in a transaction": _simple_history(admin),
        "django-auditlog in a transaction": _auditlog(admin),
    }


def ours(admin: User, accounts: Iterator[UserFSM]) -> Callable[[], None]:
    """A transition method; nothing else is needed."""

    def move() -> None:
        fsm = next(accounts)
        people.move(fsm, fsm.current_state, by=admin, description=WHY)

    return move


def fsm_log(admin: User, accounts: Iterator[models.WithFsmLog]) -> Callable[[], None]:
    """`by` and `description` by its decorators, then `save`, as its README shows."""

    def move() -> None:
        account = next(accounts)
        with transaction.atomic():
            people.move(account, account.state, by=admin, description=WHY)
            account.save()

    return move


def pghistory_with_context(admin: User) -> Callable[[], None]:
    """`save` in the context that says who and why; a trigger writes the history."""
    import pghistory

    accounts = accounts_of(models.WithPghistory)

    def move() -> None:
        account = next(accounts)
        with pghistory.context(user=admin.pk, reason=WHY):
            people.move(account, account.state)
            account.save()

    return move


def _simple_history(admin: User) -> Callable[[], None]:
    accounts = accounts_of(models.WithSimpleHistory)

    def move() -> None:
        account = next(accounts)
        with transaction.atomic():
            people.move(account, account.state)
            account._history_user = admin  # noqa: SLF001 - its documented way
            account._change_reason = WHY  # noqa: SLF001 - its documented way
            account.save()

    return move


def _auditlog(admin: User) -> Callable[[], None]:
    accounts = accounts_of(models.WithAuditlog)

    def move() -> None:
        account = next(accounts)
        with set_actor(admin), transaction.atomic():
            people.move(account, account.state)
            account.save()

    return move


def _limit() -> Callable[[], None]:
    raw = _beside_django(autocommit=True)
    keys = list(people.known()[:ACCOUNTS].values_list("pk", flat=True))
    steps = ((key, state) for state in cycle(("active", "locked")) for key in keys)
    params = {state: limit.params(state, WHY) for state in ("active", "locked")}

    def move() -> None:
        key, state = next(steps)
        if raw.execute(limit.OF_ONE, params[state] | {"id": key}).rowcount != 1:
            raise RuntimeError("the account was not moved")

    return move


def _psycopg() -> Callable[[], None]:
    keys = accounts_of(models.Plain)
    raw = _beside_django()
    table, log = models.Plain._meta.db_table, "django_fsm_log_statelog"
    insert = (
        f"INSERT INTO {log} (timestamp, source_state, state, transition, content_type_id, object_id, description)"
        " VALUES (now(), %s, %s, %s, %s, %s, %s)"
    )
    content_type = _content_type()

    def move() -> None:
        key = next(keys).pk
        with raw.transaction(), raw.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET state = %s, locked_until = now() WHERE id = %s", ["locked", key])
            cursor.execute(insert, ["active", "locked", "lock", content_type, key, WHY])
            cursor.execute(insert, ["active", "locked", "lock", content_type, key, WHY])

    return move


def _beside_django(*, autocommit: bool = False) -> Any:
    """A connection with psycopg's own defaults, which keep the plans of statements."""
    import psycopg

    connection.ensure_connection()
    return psycopg.connect(connection.connection.info.dsn, autocommit=autocommit)


def _content_type() -> int:
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(models.Plain).pk


def accounts_of(model: Any) -> Any:
    """All accounts of a peer's model, for ever round; they are made where there are none."""
    if not model.objects.exists():
        model.objects.bulk_create(model(name=f"person-{number}") for number in range(ACCOUNTS))
    return cycle(model.objects.order_by("pk"))


def main() -> None:
    people.migrate()
    people.active_users(2 * ACCOUNTS)
    admin = User.objects.create_superuser("admin")
    racers = contestants(admin)
    times = contest(racers, rounds=ROUNDS, calls=CALLS)
    counted = {name: statements(call) for name, call in racers.items() if not name.startswith("psycopg")}
    hand_in(
        [
            Result(
                title="One transition",
                database=connection.vendor,
                unit="transition",
                against=OURS,
                **times,
                rounds=ROUNDS,
                statements=counted,
            )
        ]
    )
