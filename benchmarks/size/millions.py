"""
What people wait for, and what a transition costs, where there are more and more records and accounts.

Ten million records need 12 GB of disk and some minutes to be made, so `make bench` runs this only by its name.
`RECORDS=1000,100000 make bench NAME=millions` takes other sizes. Each size is a database of its own on one server, and
the sizes take turns.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from statistics import median
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from audit.export.paging import NEWEST_FIRST, Place
from audit.models import UserStateAudit
from audit.rollup import keeping
from benchmarks.accounts import many, people
from benchmarks.measuring.harness import MICROSECONDS, MILLISECONDS, PER_SECOND, Result, hand_in
from benchmarks.measuring.pages import open_page
from benchmarks.measuring.processes import Worker, obey
from users.models import UserFSM

SIZES = [int(size) for size in os.environ.get("RECORDS", "1000,100000,10000000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "7"))
ONLY = os.environ.get("ONLY", "")
"""A part of the names of what is measured."""

CALLS = 50
"""The transitions in one round."""

HOT, RANDOM = "a transition of one of 100 accounts", "a transition of any account"
TRANSITIONS = (HOT, RANDOM)
RECORD, ACCOUNTS, API, DASHBOARD = (
    "/admin/user_audit/userstateaudit/",
    "/admin/auth/user/",
    "/api/v1/records",
    "/admin/user_audit/dashboard/",
)
SPACE = """
    SELECT relname, pg_relation_size(pg_class.oid) FROM pg_class
    WHERE relkind IN ('r', 'i')
        AND relname ~ '^(user_audit_userstate|userstateaudit|django_fsm_log|user_lifecycle_userfsm)'
    ORDER BY 2 DESC
"""


def pages() -> dict[str, str]:
    """What is opened, and its address."""
    place = Place.of(UserStateAudit.objects.order_by(*NEWEST_FIRST)[UserStateAudit.objects.count() // 2])
    middle = User.objects.order_by("username")[User.objects.count() // 2].pk
    return {
        "the dashboard": DASHBOARD,
        "people: first page": ACCOUNTS,
        "people: a page in the middle": f"{ACCOUNTS}?after={middle}",
        "people: those in their state since long": f"{ACCOUNTS}?o=3",
        "people: those who changed last": f"{ACCOUNTS}?o=-3",
        "people: search that finds one": f"{ACCOUNTS}?q=person-47@",
        "people: search that finds nobody": f"{ACCOUNTS}?q=nobodyofthisname",
        "record: first page": RECORD,
        "record: a page in the middle": f"{RECORD}?{urlencode({'older': place})}",
        "record: search by a name": f"{RECORD}?q=person-47",
        "API: first page": API,
        "API: a cause that no record has": f"{API}?cause=scheduled",
        "API: a kind of actor that no record has": f"{API}?actor_kind=machine",
        "API: a state before that few records have": f"{API}?from=deactivated",
    }


def main() -> None:
    """Make the databases, and let them take turns."""
    with ExitStack() as running:
        workers = {f"{size:,} records": _worker(size, running) for size in SIZES}
        names = next(iter(workers.values())).do("names")
        sizes = {title: worker.do("space") for title, worker in workers.items()}
        for name in (each for each in names if ONLY in each):
            times: dict[str, list[float]] = {title: [] for title in workers}
            for _ in range(ROUNDS):
                for title, worker in workers.items():
                    times[title].append(worker.do(name))
            hand_in([result(name, {title: median(each) for title, each in times.items()})])
    hand_in([_space(sizes)])


def result(name: str, values: dict[str, float]) -> Result:
    """The medians of one contest between the sizes."""
    is_transition = name in TRANSITIONS
    return Result(
        title=name[0].upper() + name[1:],
        database=connection.vendor,
        unit="transition" if is_transition else "page",
        against=next(iter(values)),
        measure=MICROSECONDS if is_transition else MILLISECONDS,
        values=values,
        rounds=ROUNDS,
    )


def _space(sizes: dict[str, dict[str, int]]) -> Result:
    last, relations = list(sizes.items())[-1]
    note = ", ".join(f"{name} {bytes_ / 1e6:,.0f}" for name, bytes_ in relations.items())
    values = {title: sum(each.values()) / SIZES[number] / 1000 for number, (title, each) in enumerate(sizes.items())}
    return Result(
        title="Space of records, rows of django-fsm-log and states, with their indexes",
        database=connection.vendor,
        unit="record",
        against=next(iter(values)),
        measure="kB",
        values=values,
        rounds=1,
        note=f"In MB with {last}: {note}.",
    )


def _worker(size: int, running: ExitStack) -> Worker:
    name = f"many_{size}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {name}")
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?")
    worker = Worker(serve, size, running=running, environment={"DATABASE_URL": url})
    worker.do("names")  # when it is filled
    return worker


def serve(size: int) -> None:
    """Fill the database of this process, if it is empty, and measure what is asked for."""
    people.migrate()
    if not UserStateAudit.objects.exists():
        many.fill(size)
    root = User.objects.filter(username="root").first() or User.objects.create_superuser("root")
    keeping.keep()
    client = Client(SERVER_NAME="localhost")
    client.force_login(root)
    tasks: dict[str, Callable[[], float]] = {
        name: partial(opened, client, address) for name, address in pages().items()
    }
    tasks[HOT] = partial(moved, _accounts(_some()))
    tasks[RANDOM] = partial(moved, _accounts(_any()))
    obey({**tasks, "names": lambda: list(tasks), "space": space})


def opened(client: Client, address: str) -> float:
    """How long a page takes, in milliseconds; the one before warms the caches."""
    open_page(client, address)
    start = time.perf_counter()
    open_page(client, address)
    return (time.perf_counter() - start) * PER_SECOND[MILLISECONDS]


def moved(accounts: Iterator[UserFSM]) -> float:
    """How long a transition takes, in microseconds."""
    took = 0.0
    for _ in range(CALLS):
        fsm = next(accounts)  # as a view or a shell would have it in hand
        start = time.perf_counter()
        people.move(fsm, fsm.current_state, by="system", description="reported stolen")
        took += time.perf_counter() - start
    return took / CALLS * PER_SECOND[MICROSECONDS]


def space() -> dict[str, int]:
    """The bytes of each table and index."""
    with connection.cursor() as cursor:
        cursor.execute(SPACE)
        return dict(cursor.fetchall())


def _accounts(keys: Iterator[int]) -> Iterator[UserFSM]:
    return (people.known().get(user_id=key) for key in keys)


def _some() -> Iterator[int]:
    return cycle(_movable()[:100])


def _any() -> Iterator[int]:
    keys = _movable()
    chosen = random.Random(0)  # noqa: S311 - the same accounts in each run
    while True:
        yield chosen.choice(keys)


def _movable() -> list[int]:
    """The keys of the users whose accounts are moved: not of the superuser, who opens the pages."""
    return list(people.known().filter(user__is_superuser=False).values_list("user_id", flat=True))
