"""The list of a million records by the HTTP API: its first page, a page far behind, and filters."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.export.paging import NEWEST_FIRST, Place
from audit.models import UserStateAudit
from benchmarks.accounts import history
from benchmarks.measuring.harness import MILLISECONDS, OURS, Result, contest, hand_in, statements
from benchmarks.measuring.pages import open_page

ROUNDS = 7
FAR_BEHIND = history.RECORDS // 2
LIST = "/api/v1/records"


def main() -> None:
    """Fill the database, and ask for each page."""
    history.fill()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="root"))
    hand_in([result(client, title, query) for title, query in queries()])


def result(client: Client, title: str, query: str) -> Result:
    """Measure one page."""
    call = partial(open_page, client, LIST + query)
    return Result(
        title=f"API: {title}, {history.RECORDS:,} records",
        database=connection.vendor,
        unit="page",
        against=OURS,
        measure=MILLISECONDS,
        **contest({OURS: call}, rounds=ROUNDS, calls=1, measure=MILLISECONDS),
        rounds=ROUNDS,
        statements={OURS: statements(call)},
    )


def queries() -> list[tuple[str, str]]:
    """What is asked for: a title and the parameters."""
    place = Place.of(UserStateAudit.objects.order_by(*NEWEST_FIRST)[FAR_BEHIND])
    month = (timezone.now() - timedelta(days=150)).date()
    person = User.objects.get(username="person-471").pk
    return [
        ("first page", ""),
        ("page far behind", f"?cursor=o{place}"),
        ("one name", "?username=person-471"),
        ("one person", f"?user={person}"),
        ("by state", "?to=deactivated"),
        ("before a day", f"?before={month}"),
    ]
