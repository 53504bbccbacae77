"""The dashboard's days are counted by one of two runs, and never while records are changed or a writer is open."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from audit.exceptions import StillOpen
from audit.models import CountedPeriod
from audit.rollup import keeping
from tests.factories import make_user
from tests.threads import at_once, elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _only_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")


def test_of_two_runs_at_once_one_counts():
    make_user("ada").fsm.lock()
    outcomes = at_once(keeping.keep, keeping.keep)
    assert sorted(type(each).__name__ for each in outcomes) == ["CountedPeriod", "NoneType"]
    assert CountedPeriod.objects.count() == 1


@pytest.mark.usefixtures("_only_postgresql")
def test_nothing_is_counted_while_a_transaction_may_still_write_a_record_of_those_days():
    ada = make_user("ada")
    with transaction.atomic():
        ada.fsm.lock()
        with pytest.raises(StillOpen):
            elsewhere(lambda: keeping.keep(wait=timedelta()))
    assert keeping.keep(wait=timedelta()) is not None


@pytest.mark.usefixtures("_only_postgresql")
def test_the_line_of_cron_says_that_it_could_not_count_and_does_not_fail(monkeypatch):
    monkeypatch.setattr(keeping, "WAIT", timedelta())
    ada, out = make_user("ada"), StringIO()
    with transaction.atomic():
        ada.fsm.lock()
        elsewhere(lambda: call_command("run_due", stdout=out))
    assert "dashboard: not counted: transactions have been open" in out.getvalue()


@pytest.mark.usefixtures("_only_postgresql")
def test_a_count_beside_a_change_of_records_waits_for_its_end():
    def counts() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        return keeping.keep()

    with transaction.atomic():
        keeping.forget("default")
        (outcome,) = at_once(counts)
        assert "lock timeout" in str(outcome)
    assert keeping.keep() is not None
