"""A clock that was set back, as when a virtual machine is restored: known once, and no alarm every night."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import UserStateAudit
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NOON = "2026-05-01T12:00"


@pytest.fixture
def ada(time_machine):
    """Who was locked at noon, and unlocked an hour before that, for the clock had been set back."""
    time_machine.move_to(f"{NOON}:00+00:00", tick=False)
    ada = make_user("ada")
    ada.fsm.lock(by="system")
    time_machine.move_to("2026-05-01T11:00:00+00:00", tick=False)
    ada.fsm.unlock(by="system")
    return ada


def declare(start="2026-05-01T10:59", end="2026-05-01T11:01", **options):
    out = StringIO()
    call_command("audit_declare_disturbance", "--from", start, "--until", end, reason="restored", stdout=out, **options)
    return out.getvalue()


def test_a_clock_set_back_is_found(ada, verify):
    assert verify().named == [("out_of_order", "ada", 3)]


def test_once_it_is_declared_it_is_listed_and_no_finding(ada, verify):
    assert "ops: restored" in declare(by="ops")

    outcome = verify()

    assert (outcome.exit_code, outcome.summary["declared"]) == (0, 1)
    assert "ops: restored" in outcome.findings[0]["declared"]


def test_the_text_says_so_too(ada):
    declare()
    out = StringIO()

    call_command("audit_verify", stdout=out)

    listed, summary = out.getvalue().splitlines()
    assert listed.startswith("declared: out_of_order: ada")
    assert summary == "records: 4, accounts: 1, findings: 0, declared: 1"


@pytest.mark.parametrize("since", ["2026-05-01T11:30", "2026-05-01T11:00", f"{NOON}", "2026-05-01T12:00:00.001"])
def test_records_from_a_time_on_are_whole_though_one_among_them_says_an_earlier_one(ada, verify, time_machine, since):
    declare()
    time_machine.move_to("2026-05-01T13:00:00+00:00", tick=False)
    ada.fsm.lock(by="system")

    assert [each for each in verify(since=since).findings if "declared" not in each] == []


def test_a_record_that_is_gone_among_those_from_a_time_on_is_found(ada, verify, time_machine, tamper):
    time_machine.move_to("2026-05-01T13:00:00+00:00", tick=False)
    ada.fsm.lock(by="system")
    tamper("DELETE FROM user_audit_userstateaudit WHERE sequence = 3")

    assert verify(since="2026-05-01T11:30").named == [("missing", "ada", 3)]


def test_times_outside_of_the_range_are_found(ada, verify):
    declare("2026-05-01T10:00", "2026-05-01T10:30")

    assert verify().exit_code == 1


def test_only_the_order_of_times_is_explained(ada, verify, tamper):
    declare()
    tamper(f"DELETE FROM {UserStateAudit._meta.db_table} WHERE user_id = %s AND sequence = 2", [ada.pk])

    assert "missing" in [each["kind"] for each in verify().findings if "declared" not in each]


@pytest.mark.parametrize("column", ["start", "end"])
def test_a_range_that_was_widened_is_named_and_explains_nothing(ada, verify, tamper, column):
    declare("2026-05-01T10:00", "2026-05-01T10:30")
    value = "2000-01-01 00:00:00+00:00" if column == "start" else "2100-01-01 00:00:00+00:00"
    tamper(f'UPDATE user_audit_auditdeclaration SET "{column}" = %s', [value])

    assert [each["kind"] for each in verify().findings] == ["declaration", "out_of_order"]


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [("2026-05-02", "2026-05-01", "ends before it begins"), ("yesterday", "2026-05-01", "is not a date")],
)
def test_a_range_that_is_none_is_refused(db, start, end, why):
    with pytest.raises(CommandError, match=why):
        declare(start, end)


def test_a_reason_is_needed(db):
    with pytest.raises(CommandError, match="needs a reason"):
        call_command("audit_declare_disturbance", "--from", NOON, "--until", NOON, reason="")


def test_a_clock_ahead_that_was_set_right_is_declared_by_its_wrong_time(verify, time_machine):
    time_machine.move_to("2026-05-03T12:00:00+00:00", tick=False)
    ada = make_user("ada")
    time_machine.shift(-timedelta(days=2))
    ada.fsm.lock(by="system")
    assert verify().exit_code == 1

    declare("2026-05-03", "2026-05-04")

    assert verify().exit_code == 0
