"""
What either side of the benchmark `before` does: today's code, and that of a commit of before.

It is copied into the tree of that commit with `processes` and `people`, so all three use only what both trees have.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.contrib.auth.models import User
from django.db import connection

from benchmarks.accounts import people
from benchmarks.measuring.processes import obey
from users.models import UserFSM
from users.states import State

ACCOUNTS, CALLS = 1_000, 50
TABLE = "user_audit_userstateaudit"


def serve() -> None:
    """Be one side, until there is nothing more to do."""
    people.migrate()
    people.active_users(ACCOUNTS)
    admin, accounts = User.objects.create_user("admin"), people.accounts()

    obey({"one": lambda: often(admin, accounts), "make all active": make_all_active, "many": many, "size": size})


def often(admin: User, accounts: Iterator[UserFSM]) -> None:
    """Make so many transitions, one after the other."""
    for fsm in islice(accounts, CALLS):
        people.move(fsm, fsm.current_state, by=admin, description="reported stolen")


def make_all_active() -> None:
    """Begin a bulk transition where the one before began."""
    UserFSM.objects.in_state(State.LOCKED).bulk_transition("unlock", by="system")


def many() -> None:
    """Lock all accounts and unlock them again; raises `RuntimeError` where not all were moved."""
    for source, name in ((State.ACTIVE, "lock"), (State.LOCKED, "unlock")):
        changed = UserFSM.objects.in_state(source).bulk_transition(name, by="benchmark").changed
        if changed != ACCOUNTS:
            raise RuntimeError(f"{name}: {changed} accounts")


def size() -> dict[str, int]:
    """How many records there are, and how many bytes their table and its indexes take, on PostgreSQL alone."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {TABLE}")
        cursor.execute(f"SELECT count(*), pg_total_relation_size('{TABLE}') FROM {TABLE}")
        records, taken = cursor.fetchone()
    return {"records": records, "bytes": taken}
