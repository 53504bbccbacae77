"""One more transition, where there are a thousand records, a hundred thousand and two million."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import connection, connections

from audit import triggers
from benchmarks import people, single
from benchmarks.harness import Result, contest, hand_in
from benchmarks.sizes import RECORDS

ACCOUNTS = 1_000
ROUNDS = 11
CALLS = 50

# After its activation, each account was locked and unlocked in turn, so many times.
FILL = """
INSERT INTO audit_userstateaudit (user_id, username, sequence, transition, start_state, end_state, datetime,
    initiated_by, description, ip_address, user_agent, request_id, signature)
SELECT fsm.user_id, person.username, fsm.version + n, (ARRAY['unlock', 'lock'])[1 + n %% 2],
    (ARRAY['locked', 'active'])[1 + n %% 2], (ARRAY['active', 'locked'])[1 + n %% 2], now() + n * interval '1 ms',
    'system', 'a long story', 'CLI', '', '', repeat('0', 64)
FROM users_userfsm fsm JOIN auth_user person ON person.id = fsm.user_id, generate_series(1, %(each)s) n;
UPDATE users_userfsm SET version = version + %(each)s
"""


def fill(alias: str, records: int) -> None:
    """Make a database with so many records of a thousand accounts; the triggers are off while it is filled."""
    people.migrate(using=alias)
    people.active_users(ACCOUNTS, using=alias)
    with triggers.lifted(alias), connections[alias].cursor() as cursor:
        cursor.execute(FILL, {"each": records // ACCOUNTS - 1})
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    for alias in RECORDS:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {alias}")
    for alias, records in RECORDS.items():
        fill(alias, records)
    racers = {}
    for alias, records in RECORDS.items():
        admin = User.objects.db_manager(alias).create_user("admin")
        racers[f"{records:,} records"] = single.ours(admin, people.accounts(using=alias))
    hand_in(
        [
            Result(
                title="One more transition",
                database=connection.vendor,
                unit="transition",
                against=next(iter(racers)),
                values=contest(racers, rounds=ROUNDS, calls=CALLS),
                rounds=ROUNDS,
            )
        ]
    )
