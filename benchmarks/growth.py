"""One more transition, where there are a thousand records, a hundred thousand and a million."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import connection

from benchmarks import history, people, single
from benchmarks.databases import RECORDS
from benchmarks.harness import Result, contest, hand_in

ACCOUNTS = 500
ROUNDS = 11
CALLS = 50


def main() -> None:
    racers = {}
    for alias, records in RECORDS.items():
        people.migrate_beside(alias)
        history.write(ACCOUNTS, changes=records // ACCOUNTS, using=alias)
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
