"""A saved view comes by email: when it is due, with what the receiver may see at that moment."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail as outbox
from django.core.management import call_command
from post_office.models import STATUS, Log

from audit.models import RecordRead
from tests.factories import make_superuser, make_user
from users.administration.saved_views import sending
from users.causes import Cause
from users.mail import delivery
from users.models import Mail, SavedView, SavedViewMail
from users.states import State

pytestmark = pytest.mark.django_db

NOW = datetime(2030, 1, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.USERS_SITE_URL = "https://accounts.example.com"
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sofia():
    sofia = make_user("sofia", is_staff=True, email="sofia@example.com")
    sofia.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "view_userstateaudit"]))
    return sofia


def order(user, *, page="user_audit.userstateaudit", query="to=locked&days=2", every="day", owner=None, shared=False):
    view = SavedView.objects.create(owner=owner or user, name="Lockouts", page=page, query=query, shared=shared)
    return SavedViewMail.objects.create(view=view, user=user, every=every)


def send():
    """Queue what is due and send it; return the new emails."""
    before = len(outbox.outbox)
    sending.run_due()
    delivery.run(using="default")
    return [message for message in outbox.outbox[before:] if message.subject.startswith("Lockouts")]


def why():
    return Log.objects.filter(email__person_mail__kind="saved_view", status=STATUS.failed).latest("pk").message


def test_a_view_tells_the_lockouts_of_the_last_day(sofia, clock):
    clock.move_to(NOW - timedelta(days=3))
    make_user("old", state=State.LOCKED)
    clock.move_to(NOW - timedelta(hours=20))
    make_user("lena", state=State.LOCKED)
    clock.move_to(NOW)
    order(sofia)

    (message,) = send()

    body = str(message.body)
    assert message.to == ["sofia@example.com"]
    assert message.subject == "Lockouts: 1"
    assert "1 row." in body
    assert re.search(r"\blena by \S*system\b", body)  # two lines of a cell are two words
    assert "old" not in body
    assert "https://accounts.example.com/admin/user_audit/userstateaudit/?to=locked&days=2" in body


def test_the_period_is_meant_as_of_each_sending(sofia, clock):
    make_user("lena", state=State.LOCKED)
    order(sofia)

    assert send()[0].subject == "Lockouts: 1"
    clock.move_to(NOW + 3 * DAY)
    (message,) = send()
    assert message.subject == "Lockouts: 0"
    assert "Nothing matches" in str(message.body)


@pytest.mark.parametrize(("every", "days"), [("day", 1), ("week", 7)])
def test_it_comes_once_in_each_period(sofia, clock, every, days):
    order(sofia, every=every)

    assert len(send()) == 1
    assert send() == []
    clock.move_to(NOW + timedelta(days=days, hours=-2))
    assert send() == []
    clock.move_to(NOW + timedelta(days=days, minutes=-1))
    assert len(send()) == 1


def test_run_due_sends_it(sofia):
    order(sofia)
    out = StringIO()

    call_command("run_due", "--no-dormancy", stdout=out)

    assert "saved views: 1 queued" in out.getvalue()
    assert Mail.objects.filter(kind="saved_view", user=sofia).count() == 1


def test_a_person_who_has_lost_the_permission_gets_nothing(sofia):
    make_user("lena", state=State.LOCKED)
    order(sofia)
    sofia.user_permissions.clear()

    assert send() == []
    assert "no longer see this list" in why()


def test_a_former_administrator_gets_nothing(sofia):
    order(sofia)
    sofia.is_staff = False
    sofia.save(update_fields=["is_staff"])

    assert send() == []
    assert "no longer use the admin" in why()


def test_a_closed_account_is_sent_nothing(sofia):
    order(sofia)
    sofia.fsm.lock(by="system")

    assert send() == []
    assert not Mail.objects.filter(kind="saved_view").exists()


def test_permissions_are_asked_at_sending_not_at_queueing(sofia):
    order(sofia)
    assert sending.run_due() == 1
    sofia.user_permissions.clear()
    delivery.run(using="default")

    assert [message.subject for message in outbox.outbox if message.subject.startswith("Lockouts")] == []


@pytest.mark.parametrize("shared", [True, False])
def test_a_view_of_somebody_else_comes_only_while_it_is_shared(sofia, shared):
    order(sofia, owner=make_superuser(), shared=shared)

    assert len(send()) == shared
    assert shared or "no longer shared" in why()


def test_an_email_that_was_ended_in_the_meantime_does_not_come(sofia):
    order(sofia)
    sending.run_due()
    SavedViewMail.objects.all().delete()
    delivery.run(using="default")

    assert "no longer wants" in why()


def test_a_view_that_the_list_cannot_read_says_so(sofia):
    order(sofia, query="nonsense=1")

    assert send() == []
    assert "save it again" in why()


def test_a_long_list_is_cut_and_says_so(sofia):
    for number in range(22):
        make_user(f"person{number}", first_name="<b>Ada</b>")
    order(sofia, page="auth.user", query="state=active&q=person")

    (message,) = send()

    body = str(message.body)
    assert message.subject == "Lockouts: 22"
    assert "These are the first 20." in body
    assert sum(f"person{number}" in body for number in range(22)) >= 20
    assert "<b>" not in str(message.alternatives[0][0])


def test_an_email_of_the_record_is_noted_as_reading_it(sofia, settings):
    settings.AUDIT_LOG_READS = "all"
    order(sofia)

    send()

    read = RecordRead.objects.get()
    assert (read.initiated_by, read.what, read.query) == ("sofia", "list", "to=locked&days=2")


def test_of_two_runs_at_once_one_sends(sofia):
    order(sofia)
    due = list(SavedViewMail.objects.all().due())

    assert sending.run_due() == 1
    assert due
    assert sending.run_due() == 0


@pytest.fixture
def attacked():
    make_superuser("root", email="root@example.com")
    make_superuser("gone", email="gone@example.com").fsm.lock(by="system")
    make_superuser("silent")
    return make_superuser("ada", email="ada@example.com")


def lock(user):
    details = {"count": 5, "addresses": ["192.0.2.1"]}
    user.fsm.lock(by="system", cause=Cause.FAILED_LOGINS, details=details)
    delivery.run(using="default")
    return [message for message in outbox.outbox if message.subject.startswith("The superuser")]


def test_superusers_are_told_when_failed_logins_lock_one_of_them(attacked):
    (message,) = lock(attacked)

    assert message.to == ["root@example.com"]
    assert message.subject == "The superuser ada was locked"
    assert "5 wrong passwords" in str(message.body)
    assert "192.0.2.1" in str(message.body)


def test_they_are_not_told_where_the_setting_is_off(attacked, settings):
    settings.USERS_TELL_SUPERUSER_LOCKOUTS = False

    assert lock(attacked) == []


def test_they_are_not_told_of_others(attacked):
    assert lock(make_user("lena", email="lena@example.com")) == []
