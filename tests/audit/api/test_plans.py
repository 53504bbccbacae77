"""The list of records is found by an index, so that a million records take no longer than a thousand."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import QueryDict
from pytest_django import DjangoDbBlocker

from audit import triggers
from audit.administration.listing.changelist import SPAN
from audit.api.filters import filtered
from audit.export.paging import NEWEST_FIRST, Place
from audit.models import UserStateAudit

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without knowing the rows"),
]

MANY = """
    INSERT INTO user_audit_userstateaudit (user_id, username, sequence, transition, cause, start_state, end_state,
        datetime, actor_id, actor_kind, initiated_by, impersonator_name, description, details, ip_address, user_agent,
        request_id, person_salt, actor_salt, signature)
    SELECT 1000 + n, 'person-' || n, 1, 'lock', 'request', 'active',
        CASE WHEN n % 500 = 0 THEN 'deactivated' ELSE 'locked' END, now() - n * interval '1 minute', n % 1000, 'user',
        'admin-' || n % 1000, '', '', '{}', '10.0.' || n % 100 || '.' || n % 7, '', '', '', '', ''
    FROM generate_series(1, 30000) AS n
"""


@pytest.fixture(scope="module", autouse=True)
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """So many rows are made once, and truncated: rolled back for each test they would stay on the disk as dead ones."""
    with django_db_blocker.unblock():
        _execute(MANY, "ANALYZE user_audit_userstateaudit")
        yield
        _execute("TRUNCATE user_audit_userstateaudit", "ANALYZE user_audit_userstateaudit")


def _execute(*statements: str) -> None:
    with triggers.lifted("default"), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def plan(query, *, cursor):
    records = filtered(UserStateAudit.objects.all(), QueryDict(query))
    if cursor:
        records = records.filter(Place.of(UserStateAudit.objects.order_by(*NEWEST_FIRST)[15_000]).older)
    return records.order_by(*NEWEST_FIRST)[:101].explain()


@pytest.mark.parametrize("cursor", [False, True], ids=["first page", "page behind a cursor"])
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "userstateaudit_by_time"),
        ("after=2030-01-01", "userstateaudit_by_time"),
        ("to=deactivated", "userstateaudit_by_state"),
        ("actor=7", "userstateaudit_by_actor"),
        ("user=1007", "userstateaudit_one_per_sequence"),
        ("cause=scheduled", "userstateaudit_kinds"),
        ("actor_kind=machine", "userstateaudit_kinds"),
        ("from=deactivated", "userstateaudit_kinds"),
        ("actor_kind=machine&from=deactivated", "userstateaudit_kinds"),
        ("cause=request", "userstateaudit_by_time"),
        ("actor_kind=user", "userstateaudit_by_time"),
        ("username=person-7", "userstateaudit_username"),
        ("initiated_by=nobody", "userstateaudit_initiated_by"),
        ("ip_address=192.0.2.7", "userstateaudit_ip_address"),
    ],
)
def test_a_page_is_found_by_the_index_of_its_filter(query, index, cursor):
    found = plan(query, cursor=cursor)

    assert index in found
    assert "Seq Scan" not in found


def test_the_first_and_the_last_time_are_found_by_an_index():
    found = UserStateAudit.objects.annotate(**SPAN).order_by(*NEWEST_FIRST)[:101].explain()
    assert "Seq Scan" not in found
    assert "Sort" not in found
