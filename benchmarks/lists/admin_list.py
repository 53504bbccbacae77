"""The admin's list of a million records, beside django-auditlog's admin list; and the dashboard over them."""

from __future__ import annotations

from collections.abc import Callable
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
PAGE = 100
DEEP = history.RECORDS // 200
LIST, PEER = "/admin/user_audit/userstateaudit/", "/admin/auditlog/logentry/"
AUDITLOG = "django-auditlog"


def main() -> None:
    """Fill the database, and open each page in turns."""
    history.fill()
    history.write_for_auditlog()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="root"))

    for title, query, peers_query in pages():
        contestants: dict[str, Callable[[], None]] = {
            OURS: partial(open_page, client, LIST + query),
            AUDITLOG: partial(open_page, client, PEER + peers_query),
        }
        hand_in([result(title, contestants)])
    hand_in([result("The dashboard", {OURS: partial(open_page, client, "/admin/user_audit/dashboard/")})])


def result(title: str, contestants: dict[str, Callable[[], None]]) -> Result:
    """Let them take turns."""
    return Result(
        title=f"{title}, {history.RECORDS:,} records",
        database=connection.vendor,
        unit="page",
        against=OURS,
        measure=MILLISECONDS,
        **contest(contestants, rounds=ROUNDS, calls=1, measure=MILLISECONDS),
        rounds=ROUNDS,
        statements={name: statements(call) for name, call in contestants.items()},
    )


def pages() -> list[tuple[str, str, str]]:
    """What is opened: a title, our parameters, and those that come nearest in django-auditlog."""
    records = UserStateAudit.objects.order_by(*NEWEST_FIRST)
    place = Place.of(records[(DEEP - 1) * PAGE - 1])
    month = timezone.now() - timedelta(days=150)
    date = "{0}__year={1.year}&{0}__month={1.month}"
    return [
        ("First page", "", ""),
        (f"Page {DEEP:,}", f"?older={place}", f"?p={DEEP}"),
        ("Search by a name", "?q=person-471", "?q=person-471"),
        ("Search that finds nothing", "?q=nobody", "?q=nobody"),
        ("Filter by state (there, by action)", "?to=deactivated", "?action__exact=0"),
        ("A month, five months ago", "?" + date.format("datetime", month), "?" + date.format("timestamp", month)),
    ]
